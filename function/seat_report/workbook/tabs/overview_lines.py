"""What the sections of the Overview share: header lines, and how much a list shows. Pure."""

from collections.abc import Sequence

from seat_report.workbook.tables import Line, Look, TextCell

MOST_LISTED = 10


def header_line(headers: tuple[Sequence[str], Sequence[str]]) -> Line:
    """A line of column headers: first those over texts, then those over numbers."""
    texts, numbers = headers
    return (
        *(TextCell(header, Look.HEADER) for header in texts),
        *(TextCell(header, Look.HEADER_RIGHT) for header in numbers),
    )
