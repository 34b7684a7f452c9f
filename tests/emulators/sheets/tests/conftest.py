from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.emulators.sheets.service import Handle, running
from tests.support.clocks import ManualClock

from .book import Book, create

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def service() -> Iterator[Handle]:
    with running(clock=ManualClock(NOW)) as handle:
        yield handle


@pytest.fixture
def book(service: Handle) -> Iterator[Book]:
    """Give a new spreadsheet with one tab, `S`, of 1000 rows and 26 columns."""
    with create(service, {"sheets": [{"properties": {"title": "S"}}]}) as made:
        yield made


@pytest.fixture
def filled(book: Book) -> Book:
    """A tab with a header and three rows in A1:C4."""
    book.write("S!A1:C4", [["Item", "Amount", "Status"], ["a", 1, "x"], ["b", 2, "y"], ["c", 3, "x"]])
    return book
