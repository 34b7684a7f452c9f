"""A run in its own process, which can be killed before or after any of its requests."""

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
from tests.support.clocks import HastyClock

_processes = multiprocessing.get_context("forkserver")
# Everything is imported once; each run is then a fork of the server that imported it.
_processes.set_forkserver_preload([__name__])


@cache
def _start_server() -> None:
    """Start the fork server, which finds this package only through PYTHONPATH."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        forkserver.ensure_running()


def killed(moment: str, nth: int, when: str, batch_bytes: int | None = None) -> bool:
    """Run at that time and kill the process `before` or `after` its nth request; false if there were fewer requests."""
    _start_server()
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
    """Kill this process at its nth request, whichever thread makes it and whichever service it goes to."""
    send, lock, count = HTTPAdapter.send, threading.Lock(), 0

    def send_counted(self: HTTPAdapter, *args: Any, **kwargs: Any) -> requests.Response:
        nonlocal count
        with lock:
            count += 1
            is_nth = count == nth
        if is_nth and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        response = send(self, *args, **kwargs)
        if is_nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return response

    HTTPAdapter.send = send_counted  # type: ignore[method-assign] # this process only lives for this run
