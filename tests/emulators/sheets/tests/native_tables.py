"""Requests about native tables, and what a spreadsheet tells of its own."""

from __future__ import annotations

from typing import Any

from .book import Book, Json, area


def add(name: str = "Seats", where: Json | None = None, **more: Any) -> Json:
    """Give a request that makes a range a table."""
    return {"addTable": {"table": {"name": name, "range": where or area(0, 4, 0, 3), **more}}}


def update(table_id: str, fields: str, **more: Any) -> Json:
    """Give a request that writes masked fields of a table."""
    return {"updateTable": {"table": {"tableId": table_id, **more}, "fields": fields}}


def text(*values: str) -> list[Json]:
    """Give a row of cells with these texts."""
    return [{"values": [{"userEnteredValue": {"stringValue": value}} for value in values]}]


def table_of(book: Book, index: int = 0) -> Json:
    """Give a table of the first tab."""
    found: Json = book.tab(fields="sheets.tables")["tables"][index]
    return found


def names_of(book: Book) -> list[str]:
    """Give the names of the first table's columns."""
    return [column["columnName"] for column in table_of(book)["columnProperties"]]


def place_of(book: Book) -> tuple[int, int, int, int]:
    """Give the first table's edges: top, bottom, left, right."""
    place = table_of(book)["range"]
    return place["startRowIndex"], place["endRowIndex"], place["startColumnIndex"], place["endColumnIndex"]
