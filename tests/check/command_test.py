"""The check from a terminal, against the two local services over HTTP."""

from typing import Any

import pytest
import requests

from seat_report.__main__ import main
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("restore_logging")


@pytest.fixture
def scratch(world: World) -> str:
    """A scratch spreadsheet with a tab of somebody's, named in the settings."""
    headers = {"Authorization": "Bearer person@example.com"}
    tab = {"properties": {"title": "Mine"}}
    made = requests.post(f"{world.sheets.url}/v4/spreadsheets", headers=headers, json={"sheets": [tab]}, timeout=10)
    world.configure(CHECK_SPREADSHEET_ID=made.json()["spreadsheetId"])
    return str(made.json()["spreadsheetId"])


def content_of(world: World, spreadsheet_id: str) -> Any:
    """Everything that the service tells of a spreadsheet."""
    headers = {"Authorization": "Bearer person@example.com"}
    url = f"{world.sheets.url}/v4/spreadsheets/{spreadsheet_id}"
    return requests.get(url, headers=headers, params={"includeGridData": "true"}, timeout=10).json()


def test_all_as_expected(world: World, scratch: str, capsys: pytest.CaptureFixture[str]) -> None:
    world.list_customers()
    before = content_of(world, scratch), content_of(world, world.book.id)
    status = main(["check"])
    printed = capsys.readouterr().out
    assert status == 0, printed
    assert (content_of(world, scratch), content_of(world, world.book.id)) == before
