"""Groups requests into batches that stay within Google's limits."""

import json
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from seat_report.workbook.sheets_api.requests import Request

# Google recommends at most 2 MB per request; a step stays below that, with room for what its envelope adds.
STEP_BYTES = 1_500_000


BATCH_BYTES = 1_900_000


# Each insertion or deletion shifts everything below it, and Google allows a request 180 seconds in total.
BATCH_MOVES = 500


class Step(NamedTuple):
    """Requests that belong together: once they are applied, every row they touch is complete."""

    requests: tuple[Request, ...]

    @property
    def size(self) -> int:
        """Size in bytes as sent."""
        return len(json.dumps(self.requests, separators=(",", ":")))

    @property
    def moves(self) -> int:
        """Number of requests that insert or delete rows or columns."""
        return sum("insertDimension" in request or "deleteDimension" in request for request in self.requests)


def batches(steps: Iterable[Step]) -> Iterator[list[Request]]:
    """Group the steps' requests, in order and without splitting a step, into batches within Google's size and time."""
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
