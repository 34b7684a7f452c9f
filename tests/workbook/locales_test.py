"""Spreadsheets in other locales: nothing that a run sends depends on the locale."""

import pytest

from tests.support.world import World


@pytest.mark.parametrize("locale", ["en_US", "en_GB", "de_DE", "fr_FR", "pt_BR", "ja_JP"])
def test_a_run_in_any_locale(world: World, locale: str) -> None:
    """Numbers are written and tabs formatted, also where decimals have a comma; the next run has nothing to do."""
    world.person.set_locale(locale)
    world.list_customers()
    first = world.run()
    assert (first["outcome"], first["warnings"]) == ("ok", [])
    assert world.report_seats() == world.service_seats()
    rules = world.book.fetch_sheet_metadata()["sheets"]
    assert any(sheet.get("conditionalFormats") for sheet in rules)
    again = world.run()
    assert (again["changes"]["cells_changed"], again["warnings"]) == (0, [])
