"""What the sections of the Overview share: header lines, long texts, and how much a list shows. Pure."""

import textwrap
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from seat_report.workbook.tables import Line, Look, TextCell

MOST_LISTED = 10
# What fits into the first column, in characters.
_NAMES_WIDTH = 31
# What fits into the columns from the third to the last, in characters.
_TEXT_WIDTH = 84
# What fits into all columns.
_LINE_WIDTH = 130


def header_line(headers: tuple[Sequence[str], Sequence[str]]) -> Line:
    """A line of column headers: first those over texts, then those over numbers."""
    texts, numbers = headers
    return (
        *(TextCell(header, Look.HEADER) for header in texts),
        *(TextCell(header, Look.HEADER_RIGHT) for header in numbers),
    )


def wrapped(first: tuple[str, str], text: str) -> Iterator[Line]:
    """Two texts, the first of them names, and a text behind them: the first and the last take the lines they need."""
    names, second = first
    parts = zip_longest(
        textwrap.wrap(names, _NAMES_WIDTH), [str(second)], textwrap.wrap(text, _TEXT_WIDTH) or [""], fillvalue=None
    )
    return (tuple(map(TextCell, line)) for line in parts)


def long_text(text: str) -> Iterator[Line]:
    """A text from the first column on, in as many lines as it needs."""
    return ((TextCell(part),) for part in textwrap.wrap(text, _LINE_WIDTH))


def and_more(left: int, what: str) -> Iterator[Line]:
    """The line that says how many of a list are not shown, if any are."""
    if left > 0:
        yield (TextCell(f"and {left:,} more{what}"),)


def other_name(tenant: str, customer: str) -> str:
    """The tenant's name, if it is not the customer's."""
    return "" if tenant == customer else tenant
