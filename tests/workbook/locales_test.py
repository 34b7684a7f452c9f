"""Spreadsheets in other locales: nothing that a run sends depends on the locale."""

import pytest
from gspread.exceptions import APIError

from tests.proof.sampling import chosen
from tests.support.world import World

LOCALES = ("en_US", "en_GB", "de_DE", "fr_FR", "pt_BR", "ja_JP")
WITH_COMMA = ("de_DE", "fr_FR", "pt_BR")
TITLES = ("Seat Report", "By Customer", "History", "Runs")


def rule(text: str) -> dict[str, object]:
    """A request for a conditional format that compares with this text."""
    condition = {"type": "NUMBER_LESS", "values": [{"userEnteredValue": text}]}
    rule = {"ranges": [{"sheetId": 0}], "booleanRule": {"condition": condition, "format": {}}}
    return {"addConditionalFormatRule": {"rule": rule, "index": 0}}


@pytest.mark.parametrize("locale", chosen(LOCALES, 3))
def test_a_run_in_any_locale(world: World, locale: str) -> None:
    """Numbers are written, every tab is formatted, and the next run has nothing to do but its own row."""
    world.person.set_locale(locale)
    world.list_customers()
    first = world.run()
    assert (first["outcome"], first["warnings"], first["problems"]) == ("ok", [], [])
    assert world.report_seats() == world.service_seats()
    sheets = {sheet["properties"]["title"]: sheet for sheet in world.book.fetch_sheet_metadata()["sheets"]}
    assert sheets["Seat Report"]["conditionalFormats"]
    assert len(sheets["Overview"]["charts"]) == 2
    assert all("basicFilter" in sheets[title] and "bandedRanges" in sheets[title] for title in TITLES)
    errors = [value for grid in world.grids().values() for row in grid for value in row if str(value).startswith("#")]
    assert errors == []
    before = world.grids()
    again = world.run()
    assert (again["outcome"], again["warnings"], again["changes"]["cells_changed"]) == ("ok", [], 0)
    after = world.grids()
    assert {title for title in after if after[title] != before[title]} <= {"Runs"}


@pytest.mark.parametrize("locale", LOCALES)
def test_the_local_service_reads_a_condition_in_the_locale(world: World, locale: str) -> None:
    """As Google does: with decimal commas it refuses 0.5, elsewhere 0,5; and takes a formula without either."""
    world.person.set_locale(locale)
    taken, refused = ("0,5", "0.5") if locale in WITH_COMMA else ("0.5", "0,5")
    with pytest.raises(APIError, match="Invalid ConditionValue"):
        world.book.batch_update({"requests": [rule(refused)]})
    world.book.batch_update({"requests": [rule(taken)]})
    world.book.batch_update({"requests": [rule("=1/2")]})
