"""The report's own spreadsheet: whether it can be read and written, its settings and size. Writes nothing."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from http import HTTPStatus

from gspread.http_client import HTTPClient

from seat_report.check.client import Client
from seat_report.check.findings import Finding, Verdict, attempt
from seat_report.clock import Clock
from seat_report.domain import Customer, CustomerList
from seat_report.errors import RunError
from seat_report.settings import Settings
from seat_report.workbook import MARK_KEY, PROPERTIES_MASK, Snapshot, Spreadsheet, Titles, customers, zone_named

_OK = Verdict.AS_EXPECTED
_LOCALE = re.compile(r"[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8}){0,2}", re.ASCII)
_LONGEST_READING_SECONDS = 30
_CUSTOMERS = "Google: the Customers tab"


@dataclass
class ReportSpreadsheet:
    """The facts about it; after the findings, `customer` is the first that can be asked for.

    `texts` are the names found there, none of which may be told.
    """

    settings: Settings
    http: HTTPClient
    clock: Clock
    stop_at: float
    customer: Customer | None = None
    texts: set[str] = field(default_factory=set)

    def findings(self) -> Iterator[Finding]:
        """Look, one fact at a time."""
        spreadsheet = Spreadsheet(
            self.http, self.settings.spreadsheet_id, clock=self.clock, deadline=self.stop_at, column_key=MARK_KEY
        )
        fact = "Google: read access to the report's spreadsheet"
        listed: list[Snapshot] = []
        yield from attempt(fact, "it can be read", lambda: listed.append(spreadsheet.list_tabs()))
        if not listed:
            return
        self._remember(listed[0])
        yield from self._properties(listed[0])
        yield from self._write_access(spreadsheet.account)
        yield from self._reading(spreadsheet, listed[0])

    def _remember(self, snapshot: Snapshot) -> None:
        defaults = {one.default for one in fields(Settings) if one.name.endswith("_tab")}
        titles = {title for title in snapshot.tabs if title not in defaults}
        self.texts.update((snapshot.title, snapshot.url, *titles, *snapshot.named))

    def _properties(self, snapshot: Snapshot) -> Iterator[Finding]:
        locale = snapshot.locale if _LOCALE.fullmatch(snapshot.locale) else "none that can be read"
        yield Finding(_OK, "Google: locale", "any", locale)
        zone = zone_named(snapshot.time_zone)
        if zone is None:
            advice = "Times are shown in UTC: choose another in the spreadsheet (File, Settings)"
            yield Finding(Verdict.DIFFERS, "Google: time zone", "one that is known", "another", advice)
        else:
            yield Finding(_OK, "Google: time zone", "one that is known", str(zone))
        yield Finding(_OK, "Google: size", "", snapshot.size)

    def _write_access(self, account: str) -> Iterator[Finding]:
        """Ask for what changes nothing however it is answered: to remove a named range that nobody has."""
        fact = "Google: write access to the report's spreadsheet"
        expected = "no lack of permission for a change that changes nothing"
        client = Client(self.http, self.settings.spreadsheet_id, clock=self.clock, deadline=self.stop_at)
        request = {"deleteNamedRange": {"namedRangeId": f"no-such-range-{uuid.uuid4().hex}"}}
        try:
            status, _ = client.batch({"requests": [request]}, fields="spreadsheetId")
        except RunError as error:
            yield Finding(Verdict.DIFFERS, fact, expected, str(error).rstrip("."), "Run this again")
            return
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            advice = "Share the spreadsheet with the service account as an editor"
            yield Finding(Verdict.WRONG, fact, expected, str(status), advice, account)
        elif status in (HTTPStatus.OK, HTTPStatus.BAD_REQUEST):
            yield Finding(_OK, fact, expected, f"{status}; nothing was written, so only a run proves it")
        else:
            yield Finding(Verdict.DIFFERS, fact, expected, str(status), "Run this again")

    def _reading(self, spreadsheet: Spreadsheet, listed: Snapshot) -> Iterator[Finding]:
        settings = self.settings
        wanted = [settings.customers_tab, *(getattr(settings, f"{name}_tab") for name in Titles._fields)]
        titles = [title for title in wanted if listed.tab(title) is not None]
        fact, expected = "Google: reading the report's tabs", f"at most {_LONGEST_READING_SECONDS} s"
        if not titles:
            yield Finding(Verdict.SKIPPED, fact, expected, "none of them yet: the first run makes them")
            return
        began = self.clock.monotonic()
        read: list[Snapshot] = []
        failed = list(attempt(fact, expected, lambda: read.append(spreadsheet.read(titles))))
        if not read:
            yield from failed
            return
        seconds = self.clock.monotonic() - began
        is_slow = seconds > _LONGEST_READING_SECONDS
        advice = "Lower HISTORY_MONTHS, or move other tabs elsewhere" if is_slow else ""
        found = f"{seconds:.1f} s for {len(titles)} tabs"
        yield Finding(Verdict.DIFFERS if is_slow else _OK, fact, expected, found, advice)
        yield from self._encoding()
        tab = read[0].tab(settings.customers_tab)
        if tab is None:
            yield Finding(Verdict.SKIPPED, _CUSTOMERS, "", "none yet")
            return
        yield from attempt(_CUSTOMERS, "a column of customer IDs", lambda: self._choose(customers.parse(tab)))

    def _encoding(self) -> Iterator[Finding]:
        client = Client(self.http, self.settings.spreadsheet_id, clock=self.clock, deadline=self.stop_at)
        fact, expected = "Google: encoding of answers", "gzip"
        try:
            client.get(fields=PROPERTIES_MASK)
        except RunError as error:
            yield Finding(Verdict.DIFFERS, fact, expected, str(error).rstrip("."), "Run this again")
            return
        if client.encoding == expected:
            yield Finding(_OK, fact, expected, expected)
        else:
            advice = "Reading takes longer, nothing else: a proxy may unpack what passes"
            yield Finding(Verdict.DIFFERS, fact, expected, "another" if client.encoding else "none", advice)

    def _choose(self, customer_list: CustomerList) -> None:
        self.customer = next(iter(customer_list.included), None)
        for one in customer_list.customers:
            self.texts.update((one.customer_id, one.name))
