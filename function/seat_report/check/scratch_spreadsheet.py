"""Everything that the code takes for granted about Google Sheets, tried in a spreadsheet that nobody needs."""

from collections.abc import Iterator
from dataclasses import dataclass

from gspread.http_client import HTTPClient

from seat_report.check.client import Client, TimeIsUpError
from seat_report.check.facts import FACTS, Fact, Tab, difference
from seat_report.check.findings import Finding, Verdict, attempt
from seat_report.check.scratch import tabs_for
from seat_report.clock import Clock
from seat_report.errors import RunError
from seat_report.settings import Settings
from seat_report.workbook import MARK_KEY, Spreadsheet

SETTING = "CHECK_SPREADSHEET_ID"
_FACT = "Google Sheets: the scratch spreadsheet"
_AGAIN = "Run this again"


@dataclass(frozen=True)
class ScratchSpreadsheet:
    """The facts about Google Sheets; without a spreadsheet for them, how to make one."""

    settings: Settings
    http: HTTPClient
    clock: Clock
    stop_at: float

    def findings(self) -> Iterator[Finding]:
        """Try them, one at a time."""
        scratch_id = self.settings.check_spreadsheet_id
        spreadsheet = Spreadsheet(
            self.http, scratch_id or "", clock=self.clock, deadline=self.stop_at, column_key=MARK_KEY
        )
        if scratch_id is None:
            advice = (
                f"{len(FACTS)} facts were not tried. To try them, make an empty spreadsheet, share it with the "
                f"service account as an editor, and set {SETTING} to its address"
            )
            yield Finding(Verdict.SKIPPED, _FACT, "", f"{SETTING} not set", advice, spreadsheet.account)
            return
        opened = list(attempt(_FACT, "it can be read", spreadsheet.list_tabs, SETTING))
        yield from opened
        if any(finding.verdict is not Verdict.AS_EXPECTED for finding in opened):
            return
        client = Client(self.http, scratch_id, clock=self.clock, deadline=self.stop_at)
        try:
            with tabs_for(client, FACTS) as tabs:
                for fact in FACTS:
                    yield _finding(client, fact, tabs[fact.name])
        except RunError as error:
            advice = f"{_AGAIN}: the next check removes what this one left"
            yield Finding(Verdict.DIFFERS, _FACT, "tabs can be added and removed", str(error).rstrip("."), advice)


def _finding(client: Client, fact: Fact, tab: Tab) -> Finding:
    name = f"Google Sheets: {fact.name}"
    try:
        found = difference(client, fact, tab)
    except TimeIsUpError as error:
        return Finding(Verdict.NOT_TRIED, name, "", str(error).rstrip("."), f"{_AGAIN} with --minutes 5")
    except RunError as error:
        return Finding(Verdict.DIFFERS, name, "an answer", str(error).rstrip("."), _AGAIN)
    if found:
        return Finding(Verdict.DIFFERS, name, "", found, f"What it means: {fact.matters.rstrip('.')}")
    return Finding(Verdict.AS_EXPECTED, name)
