"""The results of one part of the benchmark: a Markdown table, a note, and targets with their verdicts."""

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """A target: the value reached, and its upper bound (lower with `at_least`).

    `remark` is additional information that doesn't affect the verdict.
    """

    name: str
    reached: float
    bound: float
    at_least: bool = False
    unit: str = ""
    remark: str = ""

    @property
    def is_met(self) -> bool:
        """Whether the target is met."""
        return self.reached >= self.bound if self.at_least else self.reached <= self.bound

    def __str__(self) -> str:
        """The target as an item of a list."""
        sign, verdict = "≥" if self.at_least else "≤", "met" if self.is_met else "**missed**"
        remark = f"; {self.remark}" if self.remark else ""
        reached, bound = f"{number(self.reached)}{self.unit}", f"{number(self.bound)}{self.unit}"
        return f"- {self.name}: {reached} ({sign} {bound}): {verdict}{remark}"


@dataclass(frozen=True, slots=True)
class Part:
    """The results of one part; the first column is text, the others are formatted numbers."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""
    targets: Sequence[Target] = ()

    def markdown(self) -> str:
        """The part as a section of a page."""
        lines = [f"### {self.title}", "", *_table(self.columns, self.rows), ""]
        lines += [self.note, ""] if self.note else []
        lines += [*map(str, self.targets), ""] if self.targets else []
        return "\n".join(lines)


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    rule = ["---", *["---:"] * (len(columns) - 1)]
    return ["| " + " | ".join(row) + " |" for row in [columns, rule, *rows]]


def number(value: float) -> str:
    """A number with the digits needed for comparison: at least three, integers in full."""
    if math.isinf(value):
        return "∞"
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def amount(size: float) -> str:
    """A number of bytes."""
    return f"{number(size / 1000)} kB" if size < 1_000_000 else f"{number(size / 1_000_000)} MB"


def median(values: Iterable[float]) -> float:
    """The median, which occasional disturbances don't move."""
    return statistics.median(values)
