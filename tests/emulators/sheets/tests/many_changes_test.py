"""Many insertions and deletions in one batch come to the same as one after the other, and soon."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from tests.emulators.sheets.moving import Delete, Insert, Renumber, Simple

from .book import Book, area, columns, rows

_HEIGHT, _WIDTH = 12, 6


@pytest.mark.parametrize("seed", range(200))
def test_changes_add_up(seed: int) -> None:
    """Where any span lies after several changes is where each of them alone would have moved it."""
    random = Random(seed)
    changes: list[Simple] = []
    for _ in range(random.randrange(1, 8)):
        at, count = random.randrange(12), random.randrange(1, 4)
        inserts = random.random() < 0.5
        changes.append(Insert(0, "ROWS", None, at, count) if inserts else Delete(0, "ROWS", None, at, at + count))
    together = Renumber(changes)
    for change in reversed(changes):
        together.precede(change)
    for start in range(25):
        for end in [*range(start + 1, 27), None]:
            alone: tuple[int, int | None] | None = (start, end)
            for change in changes:
                alone = None if alone is None else change.span(*alone)
            assert together.span(start, end) == alone, (changes, start, end)
            if end is not None and end <= together.begins:
                assert alone == (start, end)


@pytest.mark.parametrize("seed", range(25))
def test_a_batch_is_its_requests_one_after_the_other(book: Book, seed: int) -> None:
    """Formulas, written before and between, read the same whether the requests were sent together or each alone."""
    found = []
    for sheet_id in (1, 2):
        properties = {"sheetId": sheet_id, "title": "T", "gridProperties": {"rowCount": _HEIGHT, "columnCount": _WIDTH}}
        book.reply({"addSheet": {"properties": properties}})
        book.write("T!A1", _formulas(), "USER_ENTERED")
        book.write("S!A1", [["=T!B4", "=SUM(T!A2:B9)", "=SUM(T!C:C)"]], "USER_ENTERED")
        requests = _changes(Random(seed), sheet_id)
        for batch in [requests] if sheet_id == 1 else [[request] for request in requests]:
            assert "replies" in book.batch(*batch)
        found.append([*book.formulas("T!A1:Z60"), *book.formulas("S!A1:C1")])
        book.reply({"deleteSheet": {"sheetId": sheet_id}})
    assert found[0] == found[1]


def _formulas() -> list[list[str]]:
    single = [
        [f"={'ABCDEF'[(row + column) % 6]}{(row * 5 + column) % 12 + 1}" for column in range(5)] for row in range(12)
    ]
    return [[*cells, f"=SUM(A{row}:$C{row + 2})&A{row + 1}:B"] for row, cells in enumerate(single, start=1)]


def _changes(random: Random, sheet_id: int) -> list[dict[str, Any]]:
    """Make up changes of a tab, and formulas entered and copied between them."""
    made: list[dict[str, Any]] = []
    height, width = _HEIGHT, _WIDTH
    for kind in random.choices(
        ["insert", "delete", "write", "copy", "column", "move", "block"], [4, 2, 3, 3, 1, 1, 1], k=14
    ):
        row, column, other = random.randrange(height), random.randrange(width), random.randrange(height)
        cell = area(row, row + 1, column, column + 1, sheet_id)
        if kind == "insert":
            made.append({"insertDimension": {"range": rows(row, row + 2, sheet_id)}})
            height += 2
        elif kind == "delete":
            made.append({"deleteDimension": {"range": rows(row, row + 1, sheet_id)}})
            height -= 1
        elif kind == "column":
            made.append({"insertDimension": {"range": columns(column, column + 1, sheet_id)}})
            width += 1
        elif kind == "move":
            destination = min(row, other)
            made.append({"moveDimension": {"source": rows(row, row + 1, sheet_id), "destinationIndex": destination}})
        elif kind == "block":
            made.append({"insertRange": {"range": cell, "shiftDimension": "ROWS"}})
        elif kind == "copy":
            target = area(other, other + 1, column, column + 1, sheet_id)
            made.append({"copyPaste": {"source": cell, "destination": target, "pasteType": "PASTE_FORMULA"}})
        else:
            formula = {"formulaValue": f"=SUM(A{row + 1}:B{row + 2})+{'ABC'[column % 3]}{other + 1}"}
            written = [{"values": [{"userEnteredValue": formula}]}]
            made.append({"updateCells": {"range": cell, "rows": written, "fields": "userEnteredValue"}})
    return made
