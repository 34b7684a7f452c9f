"""`make bench`: measure, and print Markdown for the README. `--quick` takes two minutes and says less surely."""

import argparse
import logging
import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path

import structlog

from seat_report.clock import SystemClock
from tests.benchmarks import collecting, footprint, start_up, writing
from tests.benchmarks.table import Part

_PARTS: dict[str, Callable[..., Part]] = {
    "collecting": collecting.measure,
    "throttled": collecting.measure_throttled,
    "writing": writing.measure,
    "memory": footprint.measure,
    "start-up": start_up.measure,
}


def main() -> None:
    """Measure the requested parts, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller, fewer times")
    parser.add_argument("parts", nargs="*", metavar="part", help=f"some of: {', '.join(_PARTS)}")
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(_PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; the parts are {', '.join(_PARTS)}")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    _print(f"{_machine()}\n")
    for name, measure in _PARTS.items():
        if name in (arguments.parts or _PARTS):
            _print(measure(quick=arguments.quick).markdown())


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _machine() -> str:
    load = os.getloadavg()[0]
    return (
        f"{SystemClock().now():%Y-%m-%d}, {platform.system()} on {os.cpu_count()} × {_processor()}, Python "
        f"{platform.python_version()}, load average {load:.1f} before. The services run in processes of their own but "
        "on the same processors as what is measured."
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


if __name__ == "__main__":
    main()
