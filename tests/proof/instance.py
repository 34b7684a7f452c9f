"""A warm instance of the deployed function in a process of its own, alone with what it keeps from run to run."""

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
from tests.proof.clock import HastyClock
from tests.support.world import SOURCE

# So few rows of the Runs tab that the oldest go even in a short life.
RUNS_KEPT = 8
# Google Sheets is given up after so long, instead of three minutes.
_SHEETS_SECONDS = 0.4
_LONGEST_RUN_SECONDS = 60


class LifeClock(HastyClock):
    """Time that also passes between runs."""

    def pass_by(self, seconds: float) -> None:
        """Let so much time have passed."""
        self.moment += timedelta(seconds=seconds)
        self.sleep(seconds)


@dataclass(frozen=True)
class Vitals:
    """What a process holds: bytes of Python's objects, the most bytes ever resident, and counts of the rest."""

    memory: int
    resident: int
    threads: int
    sockets: int
    files: int


@dataclass(frozen=True)
class Lived:
    """A run that the instance has done: its HTTP answer, and what the instance holds since."""

    status: int
    answer: dict[str, Any]
    vitals: Vitals


class Instance:
    """The process, for the test that started it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def run_after(self, seconds: float, settings: dict[str, str] | None = None) -> Lived:
        """Let time pass, change settings perhaps, and call the function."""
        self._connection.send((seconds, settings or {}))
        if not self._connection.poll(_LONGEST_RUN_SECONDS):
            raise TimeoutError("The instance does not answer.")
        lived: Lived = self._connection.recv()
        return lived


@contextmanager
def born(moment: str) -> Iterator[Instance]:
    """An instance whose clock shows that moment; its settings are those of the environment."""
    processes = multiprocessing.get_context("spawn")
    ours, theirs = processes.Pipe()
    process = processes.Process(target=_live, args=(theirs, moment), daemon=True)
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


def _live(connection: Connection, moment: str) -> None:
    """Do a run whenever told to, until the other end is closed."""
    clock = LifeClock(moment)
    patch = pytest.MonkeyPatch()
    patch.setattr(app, "SystemClock", lambda: clock)
    patch.setattr(runs, "MOST_ROWS", RUNS_KEPT)
    patch.setattr(sheets_client, "REQUEST_SECONDS", _SHEETS_SECONDS)
    client = functions_framework.create_app("seat_report", str(SOURCE)).test_client()  # type: ignore[no-untyped-call]
    tracemalloc.start()
    while True:
        try:
            seconds, settings = connection.recv()
        except EOFError:
            return
        os.environ.update(settings)
        clock.pass_by(seconds)
        answer = client.post("/")
        connection.send(Lived(answer.status_code, answer.get_json(force=True), _vitals()))


def _vitals() -> Vitals:
    for thread in threading.enumerate():
        # Whoever has called the function may have its answer an instant before the run's threads are gone.
        if thread is not threading.current_thread():
            thread.join(_LONGEST_RUN_SECONDS)
    gc.collect()
    modes = list(_modes())
    return Vitals(
        memory=tracemalloc.get_traced_memory()[0],
        resident=_resident(),
        threads=threading.active_count(),
        sockets=sum(map(stat.S_ISSOCK, modes)),
        files=len(modes),
    )


def _modes() -> Iterator[int]:
    """The kind of each open file descriptor."""
    for path in Path("/dev/fd").iterdir():
        try:
            yield os.fstat(int(path.name)).st_mode
        except OSError:
            # The one that the listing itself was made with.
            continue


def _resident() -> int:
    """The most that was ever resident, which a leak raises, too; Linux counts it in KiB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
