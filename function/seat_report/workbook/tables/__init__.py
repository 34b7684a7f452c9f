"""The reconciling engine: finds our columns and rows whatever people did, and patches the difference. Pure."""

from seat_report.workbook.tables.column_layout import ColumnLayout
from seat_report.workbook.tables.columns import FORMATTED_KEY, MARK_KEY, Column, Kind, folded
from seat_report.workbook.tables.desired import Addition, DesiredRows, NewEntry
from seat_report.workbook.tables.diff import CellChange, Counts, Patch, RowChange, equal
from seat_report.workbook.tables.merged_cells import MergedCells, ranges_named
from seat_report.workbook.tables.new_tabs import NewTabs
from seat_report.workbook.tables.observed import (
    HEADER_ROW,
    ObservedRow,
    ObservedTable,
    key_text,
    number_in,
)
from seat_report.workbook.tables.relative_formulas import relative, translated
from seat_report.workbook.tables.row_reconciler import RowReconciler
from seat_report.workbook.tables.text_block import BlockPatch, BlockSpec, Line, Look, TextCell, set_range
from seat_report.workbook.tables.written_lines import WrittenLines

__all__ = [
    "FORMATTED_KEY",
    "HEADER_ROW",
    "MARK_KEY",
    "Addition",
    "BlockPatch",
    "BlockSpec",
    "CellChange",
    "Column",
    "ColumnLayout",
    "Counts",
    "DesiredRows",
    "Kind",
    "Line",
    "Look",
    "MergedCells",
    "NewEntry",
    "NewTabs",
    "ObservedRow",
    "ObservedTable",
    "Patch",
    "RowChange",
    "RowReconciler",
    "TextCell",
    "WrittenLines",
    "equal",
    "folded",
    "key_text",
    "number_in",
    "ranges_named",
    "relative",
    "set_range",
    "translated",
]
