"""How much of a long test is done: a sample, or with `PROOF=all` in the environment everything."""

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

IS_COMPLETE = os.environ.get("PROOF") == "all"


def chosen(cases: Sequence[T], sample: int) -> list[T]:
    """All cases, or so many of them, spread evenly."""
    if IS_COMPLETE or len(cases) <= sample:
        return list(cases)
    return [cases[index * len(cases) // sample] for index in range(sample)]


def many(sample: int, everything: int) -> int:
    """How often something is done: as a sample, or in full."""
    return everything if IS_COMPLETE else sample
