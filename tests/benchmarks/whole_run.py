"""One run of the deployed function, from the request to its answer: what the process takes. Run by `fresh`."""

import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import functions_framework

from tests.benchmarks.fresh import NOT_DEPLOYED, answer_order
from tests.benchmarks.gauge import gauged, peak_resident_bytes
from tests.benchmarks.services import ROOT


def run(order: dict[str, Any]) -> Mapping[str, Any]:
    """Call the function; what that took, in all, of a process that does nothing else."""
    sys.modules.update(dict.fromkeys(NOT_DEPLOYED))  # type: ignore[arg-type] # None says that there is none
    source = str(ROOT / "function" / "main.py")
    app = functions_framework.create_app(order["target"], source)  # type: ignore[no-untyped-call] # untyped
    with gauged() as figures:
        answer = app.test_client().post("/")
    body = answer.get_json(force=True)
    if answer.status_code != 200 or body["outcome"] != "ok":
        raise RuntimeError(f"{answer.status_code} {str(body)[:2000]}")
    return {**asdict(figures), "peak": peak_resident_bytes(), "tenants": body["tenants"], "seats": body["seats"]}


if __name__ == "__main__":
    answer_order(run)
