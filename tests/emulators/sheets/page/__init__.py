"""The page that shows a spreadsheet as people see it, and the list of spreadsheets."""

from __future__ import annotations

import base64
import hashlib
import re
from html import escape
from pathlib import Path

from aiohttp import web

from tests.emulators.sheets.document import Sheet, Spreadsheet
from tests.emulators.sheets.store import Store
from tests.emulators.sheets.view import View

from .charts import draw_charts
from .layout import lay_out
from .style import css_colour
from .table import Table

ROWS_AT_ONCE = 400
_HERE = Path(__file__).parent
_CSS = (_HERE / "page.css").read_text(encoding="utf-8")
_JS = (_HERE / "page.js").read_text(encoding="utf-8")
_SCRIPT_HASH = base64.b64encode(hashlib.sha256(_JS.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; connect-src 'self'; img-src data:; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{_SCRIPT_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}
_PATH = re.compile(r"/spreadsheets/d/([^/]+)(?:/(?:edit|view)?)?")
_ICON = (
    '<svg width="28" height="36" viewBox="0 0 28 36" aria-hidden="true">'
    '<path fill="#188038" d="M3 0h15l10 10v23a3 3 0 0 1-3 3H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z"/>'
    '<path fill="#8ed1a7" d="M18 0l10 10H18z"/>'
    '<path fill="#fff" d="M6 16v13h16V16zm2 2h5v3.5H8zm7 0h5v3.5h-5zm-7 5.5h5V27H8zm7 0h5V27h-5z"/></svg>'
)


def answer_page(store: Store, request: web.Request) -> web.Response | None:
    """Answer a request for a page, None if it is for something else."""
    if request.method not in ("GET", "HEAD"):
        return None
    if request.path == "/":
        return web.Response(text=_index(store), content_type="text/html", headers=_HEADERS)
    match = _PATH.fullmatch(request.path)
    if not match:
        return None
    file = store.files.get(match[1])
    if file is None:
        text = _document(
            "Not found", "<ul class='list'><li><a href='/'>There is no such spreadsheet here.</a></li></ul>"
        )
        return web.Response(text=text, status=404, content_type="text/html", headers=_HEADERS)
    spreadsheet = file.spreadsheet
    sheet = _chosen(spreadsheet, request.query.get("gid", ""))
    rows = request.query.get("rows", "")
    limit = int(rows) if rows.isascii() and rows.isdigit() else ROWS_AT_ONCE
    tag = f'"{id(file):x}-{spreadsheet.version}-{sheet.sheet_id}-{limit}"'
    headers = {**_HEADERS, "ETag": tag}
    if request.headers.get("If-None-Match") == tag:
        return web.Response(status=304, headers=headers)
    text = _spreadsheet(store.view(spreadsheet.spreadsheet_id), sheet, limit, tag)
    response = web.Response(text=text, content_type="text/html", headers=headers)
    response.enable_compression()
    return response


def _chosen(spreadsheet: Spreadsheet, gid: str) -> Sheet:
    return next((sheet for sheet in spreadsheet.sheets if str(sheet.sheet_id) == gid), spreadsheet.first_visible())


def _index(store: Store) -> str:
    items = "".join(
        f'<li><a href="/spreadsheets/d/{escape(file.spreadsheet.spreadsheet_id)}/edit">{escape(file.spreadsheet.title)}'
        f"<span>{file.modified:%Y-%m-%d %H:%M} UTC</span></a></li>"
        for file in sorted(store.files.values(), key=lambda file: file.modified, reverse=True)
    )
    empty = "<li><a>There are no spreadsheets yet: create one with POST /v4/spreadsheets.</a></li>"
    head = f"<header>{_ICON}<div><h1>Spreadsheets</h1><p>Local Sheets service</p></div></header>"
    return _document("Spreadsheets", f"{head}<ul class='list'>{items or empty}</ul>")


def _spreadsheet(view: View, sheet: Sheet, limit: int, tag: str) -> str:
    spreadsheet = view.spreadsheet
    layout = lay_out(view, sheet, limit)
    table = Table(view, sheet, layout).html()
    more = ""
    if layout.more:
        target = f"?gid={sheet.sheet_id}&amp;rows={limit + ROWS_AT_ONCE * 2}"
        more = f'<p class="more"><a href="{target}">Show more rows</a> · {layout.more:,} more</p>'
    body = (
        f'<div id="shell" style="display:contents" data-gid="{sheet.sheet_id}" data-rows="{limit}" '
        f'data-tag="{escape(tag)}">'
        f'<header><a href="/" title="All spreadsheets">{_ICON}</a><div><h1>{escape(spreadsheet.title)}</h1>'
        "<p>Local Sheets service · read only</p></div></header>"
        '<div class="bar"><b></b><i>fx</i><output></output></div>'
        f'<main tabindex="0"><div class="canvas">{table}{draw_charts(view, sheet, layout)}{more}</div></main>'
        f'<nav class="tabs">{_tabs(spreadsheet, sheet)}</nav></div>'
        f'<div id="tip" hidden></div><script>{_JS}</script>'
    )
    return _document(spreadsheet.title, body)


def _tabs(spreadsheet: Spreadsheet, current: Sheet) -> str:
    listed = []
    for sheet in spreadsheet.sheets:
        if sheet.hidden and sheet is not current:
            continue
        mark = ' aria-current="page"' if sheet is current else ""
        colour = sheet.properties.get("tabColor")
        style = f' style="--tab:{css_colour(colour)}"' if colour is not None else ""
        listed.append(f'<a href="?gid={sheet.sheet_id}"{mark}{style}>{escape(sheet.title)}</a>')
    return "".join(listed)


def _document(title: str, body: str) -> str:
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><link rel='icon' href='data:,'><style>{_CSS}</style></head>"
        f"<body>{body}</body></html>"
    )
