"""Reads the Overview as people do: texts that go on in the next line, and the table of months."""

from collections.abc import Iterator, Sequence
from typing import Any

Rows = Sequence[Sequence[Any]]


def text_of(rows: Rows) -> str:
    """The text of the Overview, one line per row, without blank cells; a text of several lines is one."""
    return "\n".join(" | ".join(map(str, row)) for row in _joined(rows))


def months_of(rows: Rows) -> dict[str, tuple[str, str]]:
    """Each month's assigned seats and state, with what the line below the table adds to it."""
    lines = {row[0]: [str(cell) for cell in row[1:]] for row in rows if row and row[0]}
    months = [month for month in lines["Assigned by month"] if month]
    notes = {row[0][:7]: row[0][9:] for row in rows if row and str(row[0])[7:9] == ": "}
    states = dict(zip(months, lines["Status"], strict=False))
    return {
        month: (assigned, f"{states[month]}: {notes[month]}" if month in notes else states[month])
        for month, assigned in zip(months, [*lines["Total"], *[""] * len(months)], strict=False)
    }


def _joined(rows: Rows) -> Iterator[list[Any]]:
    line: list[Any] = []
    for row in rows:
        filled = [cell for cell in row if cell != ""]
        if line and len(filled) == 1 and len(row) > 2 and row[2] == filled[0]:
            line[-1] = f"{line[-1]} {row[2]}"
            continue
        if row is not rows[0]:
            yield line
        line = filled
    yield line
