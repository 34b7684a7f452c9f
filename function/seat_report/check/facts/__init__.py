"""What the function takes for granted about Google Sheets: one table, tried against whatever service speaks the API."""

from seat_report.check.facts.cells import CELLS
from seat_report.check.facts.columns import COLUMNS
from seat_report.check.facts.fact import PREFIX, Fact, Tab
from seat_report.check.facts.grid import GRID
from seat_report.check.facts.looks import LOOKS
from seat_report.check.facts.report import REPORT
from seat_report.check.facts.trying import difference

# The report first, which matters most should the time be up.
FACTS: tuple[Fact, ...] = (*REPORT, *CELLS, *COLUMNS, *GRID, *LOOKS)

__all__ = ["FACTS", "PREFIX", "Fact", "Tab", "difference"]
