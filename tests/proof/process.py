"""One run in a process of its own, which may be killed before or after any of its requests."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Mapping
from functools import cache
from multiprocessing import forkserver
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from seat_report.avepoint.client import AvePoint
from seat_report.domain.scope import RunRequest
from seat_report.run import Run
from seat_report.settings import load
from seat_report.workbook.sheets_api import batching
from seat_report.workbook.sheets_api.client import connect
from tests.proof.clock import HastyClock

_processes = multiprocessing.get_context("forkserver")
# Imported once; each run is then a fork of what has imported it.
_processes.set_forkserver_preload([__name__])


@cache
def _server() -> None:
    """Start the server that forks, which finds this package only by PYTHONPATH."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        forkserver.ensure_running()


def killed(moment: str, nth: int, when: str, batch_bytes: int | None = None) -> bool:
    """Run at that moment and end by SIGKILL `before` or `after` the nth request; whether it came so far."""
    _server()
    settings = {name: value for name, value in os.environ.items() if name.isupper()}
    process = _processes.Process(target=_run, args=(settings, moment, nth, when, batch_bytes))
    process.start()
    process.join(timeout=120)
    exit_code = process.exitcode
    process.close()
    assert exit_code in (0, -signal.SIGKILL), exit_code
    return exit_code == -signal.SIGKILL


def _run(settings: Mapping[str, str], moment: str, nth: int, when: str, batch_bytes: int | None) -> None:
    os.environ.update(settings)
    _kill_at(nth, when)
    if batch_bytes:
        batching.STEP_BYTES = batching.BATCH_BYTES = batch_bytes
    loaded = load()
    clock = HastyClock(moment)
    avepoint = AvePoint(loaded, clock=clock)
    client = connect(loaded.sheets_emulator_host)
    Run(loaded, RunRequest(), client=client, avepoint=avepoint, clock=clock).go()


def _kill_at(nth: int, when: str) -> None:
    """Let the nth request of this process, of whatever thread and to whatever service, be its last."""
    send, lock, count = HTTPAdapter.send, threading.Lock(), 0

    def counted(self: HTTPAdapter, *args: Any, **kwargs: Any) -> requests.Response:
        nonlocal count
        with lock:
            count += 1
            is_it = count == nth
        if is_it and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        response = send(self, *args, **kwargs)
        if is_it:
            os.kill(os.getpid(), signal.SIGKILL)
        return response

    HTTPAdapter.send = counted  # type: ignore[method-assign] # this process exists for nothing else
