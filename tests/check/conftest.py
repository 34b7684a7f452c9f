"""A scratch spreadsheet, and the check run from a terminal."""

from collections.abc import Callable

import pytest
import requests

from seat_report.__main__ import main
from tests.check.printed import Printed
from tests.support.world import World


@pytest.fixture
def scratch_id(world: World) -> str:
    """A scratch spreadsheet with a tab and a named range of somebody's, named in the settings."""
    world.list_customers()
    tab = {"properties": {"title": "Mine", "sheetId": 5}}
    named = {"name": "Theirs", "range": {"sheetId": 5, "startRowIndex": 0, "endRowIndex": 1}}
    headers = {"Authorization": "Bearer person@example.com"}
    body = {"sheets": [tab], "namedRanges": [named]}
    made = requests.post(f"{world.sheets.url}/v4/spreadsheets", headers=headers, json=body, timeout=10).json()
    world.configure(CHECK_SPREADSHEET_ID=made["spreadsheetId"])
    return str(made["spreadsheetId"])


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Printed]:
    """Runs the check with arguments."""

    def run_check(*arguments: str) -> Printed:
        capsys.readouterr()
        status = main(["check", *arguments])
        captured = capsys.readouterr()
        return Printed(status, captured.out, captured.err)

    return run_check
