"""Measures one run of the deployed function, from request to response. Run by `subprocesses`."""

import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import functions_framework

from tests.benchmarks.gauge import measured, peak_resident_bytes
from tests.benchmarks.services import ROOT
from tests.benchmarks.subprocesses import NOT_DEPLOYED, serve_job


def run(job: dict[str, Any]) -> Mapping[str, Any]:
    """Call the function; its measurements in a process that does nothing else."""
    sys.modules.update(dict.fromkeys(NOT_DEPLOYED))  # type: ignore[arg-type] # None makes the import fail
    source = str(ROOT / "function" / "main.py")
    app = functions_framework.create_app(job["target"], source)  # type: ignore[no-untyped-call] # untyped
    with measured() as figures:
        response = app.test_client().post("/")
    body = response.get_json(force=True)
    if response.status_code != 200 or body["outcome"] != "ok":
        raise RuntimeError(f"{response.status_code} {str(body)[:2000]}")
    return {**asdict(figures), "peak": peak_resident_bytes(), "tenants": body["tenants"], "seats": body["seats"]}


if __name__ == "__main__":
    serve_job(run)
