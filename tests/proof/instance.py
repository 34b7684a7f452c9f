"""A warm instance of the deployed function in its own process, so that what it keeps between runs can be measured."""

import gc
import multiprocessing
import os
import resource
import stat
import sys
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import functions_framework
import pytest

from seat_report.web import app
from seat_report.workbook.sheets_api import client as sheets_client
from seat_report.workbook.tabs import runs
from tests.support.clocks import HastyClock
from tests.support.world import SOURCE

# So few rows in the Runs tab that the oldest are removed even in a short simulation.
RUNS_KEPT = 8
# The timeout of a request to Google Sheets, instead of three minutes.
_SHEETS_TIMEOUT_SECONDS = 0.4
_LONGEST_RUN_SECONDS = 60


class AdvancingClock(HastyClock):
    """A clock that can also be advanced between runs."""

    def advance(self, seconds: float) -> None:
        """Advance the time by so many seconds."""
        self.moment += timedelta(seconds=seconds)
        self.sleep(seconds)


@dataclass(frozen=True)
class ResourceUsage:
    """What a process holds: bytes of Python objects, peak resident bytes, and counts of the rest."""

    memory: int
    resident: int
    threads: int
    sockets: int
    files: int


@dataclass(frozen=True)
class RunReport:
    """A run of the instance: its HTTP response, and the resources in use after it."""

    status: int
    body: dict[str, Any]
    usage: ResourceUsage


class Instance:
    """The handle of the process, for the test that started it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def run_after(self, seconds: float, settings: dict[str, str] | None = None) -> RunReport:
        """Advance the time, change settings if given, and call the function."""
        self._connection.send((seconds, settings or {}))
        if not self._connection.poll(_LONGEST_RUN_SECONDS):
            raise TimeoutError("The instance does not respond.")
        report: RunReport = self._connection.recv()
        return report


@contextmanager
def warm_instance(moment: str) -> Iterator[Instance]:
    """An instance whose clock starts at that time; it takes its settings from the environment."""
    processes = multiprocessing.get_context("spawn")
    ours, theirs = processes.Pipe()
    process = processes.Process(target=_serve, args=(theirs, moment), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Instance(ours)
    finally:
        ours.close()
        process.join(timeout=_LONGEST_RUN_SECONDS)
        process.kill()
        process.join()
        process.close()


def _serve(connection: Connection, moment: str) -> None:
    """Run on each request until the other end is closed."""
    clock = AdvancingClock(moment)
    patch = pytest.MonkeyPatch()
    patch.setattr(app, "SystemClock", lambda: clock)
    patch.setattr(runs, "MOST_ROWS", RUNS_KEPT)
    patch.setattr(sheets_client, "REQUEST_SECONDS", _SHEETS_TIMEOUT_SECONDS)
    client = functions_framework.create_app("seat_report", str(SOURCE)).test_client()  # type: ignore[no-untyped-call]
    tracemalloc.start()
    while True:
        try:
            seconds, settings = connection.recv()
        except EOFError:
            return
        os.environ.update(settings)
        clock.advance(seconds)
        response = client.post("/")
        connection.send(RunReport(response.status_code, response.get_json(force=True), _usage()))


def _usage() -> ResourceUsage:
    for thread in threading.enumerate():
        # The response may arrive a moment before the run's threads have ended.
        if thread is not threading.current_thread():
            thread.join(_LONGEST_RUN_SECONDS)
    gc.collect()
    modes = list(_modes())
    return ResourceUsage(
        memory=tracemalloc.get_traced_memory()[0],
        resident=_peak_resident_bytes(),
        threads=threading.active_count(),
        sockets=sum(map(stat.S_ISSOCK, modes)),
        files=len(modes),
    )


def _modes() -> Iterator[int]:
    """The mode of each open file descriptor."""
    for path in Path("/dev/fd").iterdir():
        try:
            yield os.fstat(int(path.name)).st_mode
        except OSError:
            # The descriptor that listed the folder.
            continue


def _peak_resident_bytes() -> int:
    """Peak resident memory, which a leak raises, too; Linux reports it in KiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
