"""The tabs of a check in the scratch spreadsheet: made at its start, removed at its end and by the next check."""

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from seat_report.check.client import Client, Json
from seat_report.check.facts import Fact, Tab
from seat_report.check.facts.fact import COLUMNS, PREFIX, ROWS
from seat_report.errors import SpreadsheetError

# Left for removing tabs when a check's time is up; a quota may have to be waited for.
_REMOVING_SECONDS = 40.0
_LONGEST_TITLE = 90


@contextmanager
def tabs_for(client: Client, facts: Sequence[Fact]) -> Iterator[Mapping[str, Tab]]:
    """Add a tab for each fact, by its name, and remove them at the end, whatever happens.

    Tabs that an earlier check left behind are removed first. Raises SpreadsheetError.
    """
    left = _remove_tabs(client)
    # Random, so that a deleted tab's id is not used again.
    ids = iter(random.sample(range(10**6, 2 * 10**9), 2 * len(facts) + len(left)))  # nosec B311
    free = [sheet_id for sheet_id in ids if sheet_id not in left]
    tabs = {
        fact.name: Tab(sheet_id, f"{PREFIX}{sheet_id} {fact.name}"[:_LONGEST_TITLE])
        for fact, sheet_id in zip(facts, free, strict=False)
    }
    grid = {"rowCount": ROWS, "columnCount": COLUMNS}
    adding = [
        {"addSheet": {"properties": {"sheetId": tab.sheet_id, "title": tab.title, "gridProperties": grid}}}
        for tab in tabs.values()
    ]
    try:
        _carry_out(client, adding)
        yield tabs
    except BaseException:
        # Whatever ended the check is told, not that removing failed, too: the next check does that.
        with suppress(SpreadsheetError):
            client.extend(_REMOVING_SECONDS)
            _remove_tabs(client)
        raise
    client.extend(_REMOVING_SECONDS)
    _remove_tabs(client)


def _remove_tabs(client: Client) -> set[int]:
    """Remove the tabs of checks, with the named ranges on them; gives the ids of the tabs that are left."""
    status, answer = client.get(fields="sheets.properties(sheetId,title,hidden),namedRanges(namedRangeId,range)")
    if "error" in answer:
        raise SpreadsheetError(f"The scratch spreadsheet could not be read: {status}, {answer['error'].get('message')}")
    properties: list[dict[str, Any]] = [sheet["properties"] for sheet in answer["sheets"]]
    removed = {item["sheetId"] for item in properties if str(item["title"]).startswith(PREFIX)}
    left = {item["sheetId"] for item in properties} - removed
    if not removed:
        return left
    # They would stay behind without their cells.
    batch: list[Json] = [
        {"deleteNamedRange": {"namedRangeId": named["namedRangeId"]}}
        for named in answer.get("namedRanges", [])
        if named.get("range", {}).get("sheetId", 0) in removed
    ]
    if all(item.get("hidden") for item in properties if item["sheetId"] in left):
        # The last tab that can be seen can't be removed.
        batch.append({"addSheet": {}})
    batch += [{"deleteSheet": {"sheetId": sheet_id}} for sheet_id in removed]
    _carry_out(client, batch)
    return left


def _carry_out(client: Client, requests: list[Json]) -> None:
    status, answer = client.batch({"requests": requests}, fields="spreadsheetId")
    if "error" in answer:
        raise SpreadsheetError(
            f"The scratch spreadsheet could not be changed: {status}, {answer['error'].get('message')}"
        )
