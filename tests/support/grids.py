"""Compares the values of a tab."""

from typing import Any


def changed_cells(before: list[list[Any]], after: list[list[Any]], *, ignoring: str) -> list[tuple[int, str]]:
    """The row and header of each cell that differs, except in the ignored column."""
    header = before[0]
    return [
        (row, header[column])
        for row, (old_row, new_row) in enumerate(zip(before, after, strict=True))
        for column, (old, new) in enumerate(zip(old_row, new_row, strict=True))
        if old != new and header[column] != ignoring
    ]
