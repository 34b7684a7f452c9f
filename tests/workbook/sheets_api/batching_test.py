"""Batches: requests grouped within Google's limits on size and time, steps kept whole."""

import json

import pytest

from seat_report.workbook.sheets_api import requests
from seat_report.workbook.sheets_api.batching import BATCH_BYTES, BATCH_MOVES, STEP_BYTES, Step, batches


def step_of(size: int) -> Step:
    """A step of this many bytes."""
    empty = Step(({"t": ""},)).size
    return Step(({"t": "x" * (size - empty)},))


def test_step_size_is_that_of_its_json() -> None:
    """As sent: without whitespace."""
    requests_sent = ({"a": 1, "b": ["é"]}, {"c": None})
    assert Step(requests_sent).size == len(json.dumps(requests_sent, separators=(",", ":")))
    assert step_of(100).size == 100


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([], []),
        ([10], [1]),
        ([BATCH_BYTES, 10], [1, 1]),
        ([BATCH_BYTES - 10, 10, 10], [2, 1]),
        ([10, BATCH_BYTES - 10, BATCH_BYTES - 10, 10], [2, 2]),
        ([BATCH_BYTES + 10, 10, 10], [1, 2]),
        ([10, BATCH_BYTES + 10, 10], [1, 1, 1]),
    ],
)
def test_batches_are_as_large_as_allowed(sizes: list[int], expected: list[int]) -> None:
    """Steps stay whole and in order; one that is too large gets its own batch."""
    steps = [step_of(size) for size in sizes]
    actual = list(batches(steps))
    assert [len(batch) for batch in actual] == expected
    assert [request for batch in actual for request in batch] == [step.requests[0] for step in steps]


def test_batches_limit_insertions_and_deletions() -> None:
    """Both count towards the limit, across tables and dimensions; written cells do not."""
    insert = requests.insert(7, "ROWS", 1, 1, inherit_from_before=True)
    delete = requests.delete(7, "ROWS", 1, 2)
    write = requests.update_cells(7, 1, 0, [["a"]])
    steps = [Step((insert, write)), Step((delete,))] * BATCH_MOVES + [Step((write,))] * BATCH_MOVES
    actual = list(batches(steps))
    assert [sum(request != write for request in batch) for batch in actual] == [BATCH_MOVES, BATCH_MOVES]
    assert [request for batch in actual for request in batch] == [
        request for step in steps for request in step.requests
    ]


def test_a_step_leaves_room_for_its_envelope() -> None:
    """Google recommends at most two million bytes per request."""
    assert STEP_BYTES < BATCH_BYTES < 2_000_000
