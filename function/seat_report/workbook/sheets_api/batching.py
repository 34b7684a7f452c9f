"""Cuts requests into batches that Google takes."""

import json
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from seat_report.workbook.sheets_api.requests import Request

# Google recommends 2 MB a request at most; a step is kept below, with room for what its envelope adds.
STEP_BYTES = 1_500_000


BATCH_BYTES = 1_900_000


# Each insertion or deletion moves all that is below it, and Google gives a request 180 seconds for all it holds.
BATCH_MOVES = 500


class Step(NamedTuple):
    """Requests that belong together: after them every row that they touch is complete."""

    requests: tuple[Request, ...]

    @property
    def size(self) -> int:
        """Bytes as sent."""
        return len(json.dumps(self.requests, separators=(",", ":")))

    @property
    def moves(self) -> int:
        """How many of them insert or delete rows or columns."""
        return sum("insertDimension" in request or "deleteDimension" in request for request in self.requests)


def batches(steps: Iterable[Step]) -> Iterator[list[Request]]:
    """The steps' requests in order, none cut through a step, in batches that Google takes and has the time for."""
    batch: list[Request] = []
    size = moves = 0
    for step in steps:
        step_size, step_moves = step.size, step.moves
        if batch and (size + step_size > BATCH_BYTES or moves + step_moves > BATCH_MOVES):
            yield batch
            batch, size, moves = [], 0, 0
        batch.extend(step.requests)
        size += step_size
        moves += step_moves
    if batch:
        yield batch
