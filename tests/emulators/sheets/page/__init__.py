"""The page that shows a spreadsheet as people see it."""

from __future__ import annotations

from aiohttp import web

from tests.emulators.sheets.store import Store


def answer_page(store: Store, request: web.Request) -> web.Response | None:
    """Answer a request for a page, None if it is for something else."""
    del store, request
    return None
