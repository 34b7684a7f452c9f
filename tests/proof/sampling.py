"""How much of a long test runs: a sample, or everything if the environment says `PROOF=all`."""

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

IS_COMPLETE = os.environ.get("PROOF") == "all"


def chosen(cases: Sequence[T], sample: int) -> list[T]:
    """All cases, or an evenly spread sample of that size."""
    if IS_COMPLETE or len(cases) <= sample:
        return list(cases)
    return [cases[index * len(cases) // sample] for index in range(sample)]


def many(sample: int, everything: int) -> int:
    """A number of repetitions: that of the sample, or the full one."""
    return everything if IS_COMPLETE else sample
