"""Find where a write landed in the wrong place because of concurrent edits, and repair it. Pure."""

from seat_report.workbook.conflicts.kept_values import KeptValue
from seat_report.workbook.conflicts.resolver import ConflictResolver, Repairs

__all__ = [
    "ConflictResolver",
    "KeptValue",
    "Repairs",
]
