"""Spreadsheets as files: delimited text, and a plain xlsx with values, formulas and dates."""

from __future__ import annotations

import csv
import io
import zipfile
from xml.sax.saxutils import escape, quoteattr

from .addresses import cell_text
from .document import Sheet
from .formulas import CellError
from .grid import Formula
from .numbers import is_date
from .view import View

CSV = "text/csv"
TSV = "text/tab-separated-values"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# Two cell styles: 0 general, 1 a date.
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>'
)


def as_delimited(view: View, delimiter: str) -> str:
    """Give the first visible tab as delimited text, as it reads; rows end as long as the longest."""
    sheet = view.spreadsheet.first_visible()
    rows = [
        [view.formatted(sheet, row, column) for column in range(_width(view, sheet))]
        for row in range(view.height(sheet))
    ]
    while rows and not any(rows[-1]):
        rows.pop()
    width = max((max((index + 1 for index, text in enumerate(row) if text), default=0) for row in rows), default=0)
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter, lineterminator="\r\n").writerows(row[:width] for row in rows)
    return written.getvalue().removesuffix("\r\n")


def _width(view: View, sheet: Sheet) -> int:
    spilled = [column + 1 for sheet_id, _, column in view.spill if sheet_id == sheet.sheet_id]
    return max([0, *spilled, *(len(row) for row in sheet.grid.rows)])


def as_xlsx(view: View) -> bytes:
    """Give the whole spreadsheet as an Office Open XML workbook, without looks."""
    sheets = view.spreadsheet.sheets
    parts = {
        "[Content_Types].xml": _content_types(len(sheets)),
        "_rels/.rels": _relations([("officeDocument", "xl/workbook.xml")]),
        "xl/_rels/workbook.xml.rels": _relations(
            [("worksheet", f"worksheets/sheet{number}.xml") for number in range(1, len(sheets) + 1)]
            + [("styles", "styles.xml")]
        ),
        "xl/workbook.xml": _workbook(sheets),
        "xl/styles.xml": _STYLES,
    }
    for number, sheet in enumerate(sheets, 1):
        parts[f"xl/worksheets/sheet{number}.xml"] = _worksheet(view, sheet)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return written.getvalue()


def _content_types(count: int) -> str:
    base = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    overrides = [("/xl/workbook.xml", "sheet.main"), ("/xl/styles.xml", "styles")]
    overrides += [(f"/xl/worksheets/sheet{number}.xml", "worksheet") for number in range(1, count + 1)]
    listed = "".join(f'<Override PartName="{name}" ContentType="{base}.{kind}+xml"/>' for name, kind in overrides)
    return (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{listed}</Types>'
    )


def _relations(targets: list[tuple[str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{number}" Type="{_RELATIONS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'


def _workbook(sheets: list[Sheet]) -> str:
    listed = "".join(
        f'<sheet name={quoteattr(sheet.title[:31])} sheetId="{number}" r:id="rId{number}"'
        + (' state="hidden"/>' if sheet.hidden else "/>")
        for number, sheet in enumerate(sheets, 1)
    )
    return f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>{listed}</sheets></workbook>'


def _worksheet(view: View, sheet: Sheet) -> str:
    lines = []
    for row in range(view.height(sheet)):
        cells = "".join(_cell(view, sheet, row, column) for column in range(_width(view, sheet)))
        if cells:
            lines.append(f'<row r="{row + 1}">{cells}</row>')
    return f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'


def _cell(view: View, sheet: Sheet, row: int, column: int) -> str:
    cell = sheet.grid.get(row, column)
    value = view.effective(sheet, row, column)
    formula = f"<f>{escape(cell.value[1:])}</f>" if type(cell.value) is Formula else ""
    if value is None and not formula:
        return ""
    place = f'r="{cell_text(row, column)}"' + (' s="1"' if is_date(view.number_format(sheet, row, column)) else "")
    if isinstance(value, bool):
        return f'<c {place} t="b">{formula}<v>{int(value)}</v></c>'
    if isinstance(value, CellError):
        return f'<c {place} t="e">{formula}<v>{escape(value.text())}</v></c>'
    if isinstance(value, float):
        return f"<c {place}>{formula}<v>{value!r}</v></c>"
    text = escape(str(value or ""))
    if formula:
        return f'<c {place} t="str">{formula}<v>{text}</v></c>'
    return f'<c {place} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
