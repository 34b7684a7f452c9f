"""The date moves for every Python process of a command, and for nothing else."""

import random
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.support.moved_date.moments import ZONES, parse, pick
from tests.support.world import SOURCE

ROOT = SOURCE.parents[1]
NEW_YEARS_EVE = datetime(2031, 12, 31, 23, 59, tzinfo=UTC)
# How long a process takes to start on a busy machine.
SLACK = timedelta(minutes=5)
PRINT_NOW = "from datetime import datetime; print(datetime.now().astimezone().isoformat())"
# A process that prints the time, and starts one of each kind that does.
PRINT_ALL = f"""
import multiprocessing, subprocess, sys, time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
{PRINT_NOW}
subprocess.run([sys.executable, "-c", {PRINT_NOW!r}], check=True)
for kind in ("spawn", "forkserver", "fork"):
    with ProcessPoolExecutor(1, multiprocessing.get_context(kind)) as pool:
        print(datetime.fromtimestamp(pool.submit(time.time).result(), UTC).isoformat())
"""


def printed(*command: str) -> list[str]:
    """The lines that Python prints with these arguments."""
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=True)
    return [line for line in done.stdout.splitlines() if line]


def printed_on(date: str, *command: str) -> list[str]:
    """The lines that Python prints with these arguments on that date."""
    first, *lines = printed("-m", "tests.support.moved_date", "--make", "proof", date, sys.executable, *command)
    assert first == f'To repeat this run on the same date: make proof DATE="{date}"'
    return lines


def test_every_kind_of_process() -> None:
    """A process, one that it starts, and the workers of each kind of pool are all at the same moment."""
    moments = [datetime.fromisoformat(line) for line in printed_on("2031-12-31 23:59", "-c", PRINT_ALL)]
    assert len(moments) == 5
    assert all(NEW_YEARS_EVE <= moment < NEW_YEARS_EVE + SLACK for moment in moments)


@pytest.mark.parametrize(
    "date", ["2028-02-29 12:30 Asia/Kathmandu", "2020-02-29 12:30 America/St_Johns", "2026-07-05 12:30 UTC"]
)
def test_zone(date: str) -> None:
    """With the name of a zone, that is where the clocks are."""
    (line,) = printed_on(date, "-c", PRINT_NOW)
    there, zone = parse(date)
    shown = datetime.fromisoformat(line)
    assert timedelta(0) <= shown - there < SLACK
    assert shown.utcoffset() == there.utcoffset()
    assert zone == date.split()[-1]


def test_moved_again() -> None:
    """Where the date is moved already, the last word counts."""
    again = ("-m", "tests.support.moved_date", "2031-12-31 23:59", sys.executable, "-c", PRINT_NOW)
    shown = datetime.fromisoformat(printed_on("2019-01-01", *again)[-1])
    assert NEW_YEARS_EVE <= shown < NEW_YEARS_EVE + SLACK


def test_what_is_not_moved() -> None:
    """The time that durations are measured by goes on, and Python in isolated mode knows nothing of it all."""
    (seconds,) = printed_on("2031-12-31", "-c", "import time; print(time.monotonic())")
    assert abs(float(seconds) - time.monotonic()) < SLACK.total_seconds()
    (isolated,) = printed_on("2031-12-31", "-I", "-c", PRINT_NOW)
    (today,) = printed("-I", "-c", PRINT_NOW)
    assert datetime.fromisoformat(today) - datetime.fromisoformat(isolated) < SLACK


def test_exit_status() -> None:
    """The command's exit status is passed on."""
    with pytest.raises(subprocess.CalledProcessError) as failed:
        printed_on("2031-12-31", "-c", "raise SystemExit(7)")
    assert failed.value.returncode == 7


@pytest.mark.parametrize("text", ["", "soon", "2027-02-29", "2027-02-28 24:01", "2027-02-28 Mars/Olympus", "UTC"])
def test_no_moment(text: str) -> None:
    """What is no moment says how to write one."""
    with pytest.raises(ValueError, match="is no moment such as '2028-02-29 23:59'"):
        parse(text)


def test_moments_at_random() -> None:
    """They differ, are never today, can be read back, and are often the last minutes before another month or year."""
    today = datetime(2028, 2, 29, tzinfo=UTC).date()
    texts = [pick(random.Random(seed), today) for seed in range(300)]
    moments = [parse(text)[0] for text in texts]
    assert len(set(texts)) > 200
    assert all(moment.date() != today and abs(moment.year - today.year) < 10 for moment in moments)
    assert {str(moment.tzinfo) for moment in moments} == set(ZONES)
    soon = [moment + timedelta(minutes=2) for moment in moments]
    assert sum(before.year != after.year for before, after in zip(moments, soon, strict=True)) > 15
    assert sum(before.month != after.month for before, after in zip(moments, soon, strict=True)) > 50
    assert sum((moment.month, moment.day) == (2, 29) for moment in moments) > 20
    assert any(moment.astimezone(ZoneInfo("UTC")).date() != moment.date() for moment in moments)
