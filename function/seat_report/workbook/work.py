"""Work to be done on the spreadsheet: patches in the order in which they are written, then what ends it. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from seat_report.workbook.block import BlockPatch
from seat_report.workbook.reconcile import Patch, Step
from seat_report.workbook.requests import Request


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be done, from one reading of the tabs."""

    patches: Sequence[Patch | BlockPatch]
    last: Sequence[Request]

    def steps(self) -> Iterator[Step]:
        """All requests, made as they are asked for."""
        for patch in self.patches:
            yield from patch.steps()
        if self.last:
            yield Step(tuple(self.last))

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to do."""
        return next(self.steps(), None) is None
