"""What the check tells of the report's spreadsheet and of access to it."""

from typing import Any

import pytest

from seat_report.check import client as check_client
from seat_report.check import command, report_spreadsheet
from seat_report.errors import SpreadsheetError
from tests.check.printed import Check
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("restore_logging")


def test_without_google_the_rest_is_checked(
    world: World, scratch_id: str, run: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If Google gives no access token in time, AvePoint is still asked."""
    assert scratch_id

    def unreachable(_: Any) -> None:
        raise SpreadsheetError("Google gave no access token: it could not be reached.")

    monkeypatch.setattr(command, "sign_in", unreachable)
    printed = run("--customer", world.avepoint.directory.customers[0].id)
    assert printed.status == 1
    (told,) = printed.of("DIFFERS")
    assert "could not be reached" in told
    assert any("contract users" in line for line in printed.of("ok"))


@pytest.mark.parametrize(("status", "exit_status", "told"), [(403, 3, "as an editor"), (503, 1, "Run this again")])
def test_write_access(world: World, run: Check, status: int, exit_status: int, told: str) -> None:
    """A lack of permission to write is a wrong configuration, and an answer that says nothing is no permission."""
    world.list_customers()
    world.sheets.fail(status, kind="deleteNamedRange")
    printed = run()
    assert printed.status == exit_status
    assert any("write access" in line and told in line for line in printed.of("WRONG", "DIFFERS"))


def test_what_google_tells_otherwise(world: World, run: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    """A time zone that nobody knows, an encoding that is no gzip, and a slow reading are differences."""
    world.list_customers()
    monkeypatch.setattr(report_spreadsheet, "zone_named", lambda _: None)
    monkeypatch.setattr(report_spreadsheet, "_LONGEST_READING_SECONDS", -1)
    monkeypatch.setattr(check_client.Client, "get", lambda *_, **__: (200, {}))
    printed = run()
    assert printed.status == 1
    assert [line.split(": ")[1] for line in printed.of("DIFFERS")] == [
        "time zone",
        "reading the report's tabs",
        "encoding of answers",
    ]


def test_google_that_is_out_of_order(world: World, run: Check) -> None:
    """Without an answer of Google's, AvePoint is asked what needs no customer."""
    world.sheets.conduct.quota = (0, 0)
    printed = run()
    assert printed.status == 1
    assert any("read access" in line for line in printed.of("DIFFERS"))
    assert any("an access token" in line for line in printed.of("ok"))
