"""What a write hit because people edited the spreadsheet meanwhile, and putting that right. Pure."""

from seat_report.workbook.conflicts.resolver import ConflictResolver, Repairs

__all__ = [
    "ConflictResolver",
    "Repairs",
]
