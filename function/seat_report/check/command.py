"""`python -m seat_report check`: two minutes against the real services, told fact by fact."""

import argparse
import os
import sys
from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Never

from gspread.http_client import HTTPClient

from seat_report.check.avepoint_answers import AvePointCheck
from seat_report.check.client import sign_in
from seat_report.check.findings import Finding, Verdict, attempt, exit_status
from seat_report.check.report_file import report_text
from seat_report.check.report_spreadsheet import ReportSpreadsheet
from seat_report.check.scratch_spreadsheet import SETTING, ScratchSpreadsheet
from seat_report.clock import Clock, SystemClock
from seat_report.domain import bare_id, clean, invalid_id_reason
from seat_report.errors import ConfigurationError, Fault
from seat_report.reporting import logs
from seat_report.settings import Settings, load
from seat_report.workbook import connect

_WRONG_CONFIGURATION = 3
# The exit status that shells give a program ended by Ctrl-C.
_INTERRUPTED = 130
# Removing the tabs of the scratch spreadsheet comes on top, a second or two unless a quota is used up.
_MINUTES = 2
_MOST_MINUTES = 15
# Of these, for the first two parts. The third needs more than one, because of Google's quota of writes a minute.
_REPORT_SECONDS = 35.0
_AVEPOINT_SECONDS = 30.0
_LONGEST_LINE = 5_000


class Check:
    """A check of the services that the settings name, in so many minutes; `findings` does it, one fact at a time."""

    def __init__(
        self, settings: Settings, clock: Clock, customer_id: str | None = None, minutes: int = _MINUTES
    ) -> None:
        """Raises ConfigurationError if the scratch spreadsheet is the report's own."""
        if settings.check_spreadsheet_id == settings.spreadsheet_id:
            wrong = "it is the report's own spreadsheet, which a check must not write into"
            raise ConfigurationError(Fault(SETTING, wrong, "Give the address of an empty spreadsheet"))
        self._settings = settings
        self._clock = clock
        self._customer_id = customer_id
        self._seconds = minutes * 60.0
        self.found: list[Finding] = []
        # What was read or answered, none of which may be told.
        self.texts: set[str] = {customer_id} if customer_id else set()

    def findings(self) -> Generator[Finding, None, None]:
        """Check everything, keeping what is found."""
        http = connect(self._settings.sheets_emulator_host)
        try:
            for finding in self._all(http):
                self.found.append(finding)
                yield finding
        finally:
            http.session.close()

    def _all(self, http: HTTPClient) -> Generator[Finding, None, None]:
        began = self._clock.monotonic()
        spreadsheet = ReportSpreadsheet(self._settings, http, self._clock, began + _REPORT_SECONDS)
        signing_in = list(attempt("Google: an access token", "one", lambda: sign_in(http)))
        yield from signing_in
        has_google = exit_status(signing_in) == 0
        if has_google:
            yield from spreadsheet.findings()
        self.texts |= spreadsheet.texts
        customer_id = self._customer_id or (spreadsheet.customer.customer_id if spreadsheet.customer else None)
        stop_at = self._clock.monotonic() + _AVEPOINT_SECONDS
        avepoint = AvePointCheck(self._settings, self._clock, customer_id, stop_at)
        try:
            yield from avepoint.findings()
        finally:
            self.texts |= avepoint.texts
        if has_google:
            yield from ScratchSpreadsheet(self._settings, http, self._clock, began + self._seconds).findings()


def main(arguments: Sequence[str], clock: Clock | None = None) -> int:
    """Check as the command line says and return the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    logs.configure("ERROR", on_standard_error=True)
    try:
        settings = load()
        if os.environ.get("LOG_LEVEL"):
            logs.configure(settings.log_level, on_standard_error=True)
        check = Check(settings, clock or SystemClock(), options.customer, options.minutes)
        if options.report:
            _write(options.report, "")
        _print(f"Checking the services that the settings name; this takes up to {options.minutes} minutes.")
        # Closed in any case, so that tabs are removed before this ends.
        with closing(check.findings()) as findings:
            for finding in findings:
                _print(finding.line(is_private=True, with_shown=options.show))
        _print(_summary(check.found))
        if options.report:
            _write(options.report, report_text(settings, check.found, check.texts))
            _print(f"Written to {options.report}, without secrets, ids and names. Read it before you pass it on.")
    except ConfigurationError as error:
        for fault in error.faults:
            _print(str(fault) + ("" if fault.remedy.endswith(".") else "."), is_error=True)
        return _WRONG_CONFIGURATION
    except KeyboardInterrupt:
        _print("Interrupted. The next check removes what this one may have left.", is_error=True)
        return _INTERRUPTED
    return exit_status(check.found)


class _Parser(argparse.ArgumentParser):
    """A parser that exits as a wrong configuration does."""

    def error(self, message: str) -> Never:
        """Print the usage and what is wrong, then exit."""
        self.print_usage(sys.stderr)
        self.exit(_WRONG_CONFIGURATION, f"{self.prog}: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m seat_report check",
        allow_abbrev=False,
        description="Check whether AvePoint and Google Sheets behave as the report expects. Settings come from the "
        "environment. Asks AvePoint for one customer, reads the report's spreadsheet, and writes only into the "
        f"spreadsheet that {SETTING} names, in tabs that it removes at the end.",
        epilog="Exit status: 0 all as expected, 1 something differs, 3 wrong configuration or command line, "
        "130 interrupted.",
    )
    parser.add_argument(
        "--customer", type=_customer_id, metavar="ID", help="ask for this one, not the first of the Customers tab"
    )
    parser.add_argument(
        "--minutes", type=_minutes, default=_MINUTES, metavar="N", help=f"give it more than {_MINUTES} minutes"
    )
    parser.add_argument("--show", action="store_true", help="also show what AvePoint answers, names and numbers")
    parser.add_argument("--report", metavar="FILE", help="write what is found, without secrets, ids and names")
    return parser


def _customer_id(text: str) -> str:
    customer_id = bare_id(text)
    if reason := (invalid_id_reason(customer_id) if customer_id else "An ID is expected."):
        raise argparse.ArgumentTypeError(f"found {text!r}. {reason}")
    return customer_id


def _minutes(text: str) -> int:
    if not text.isdecimal() or not _MINUTES <= int(text) <= _MOST_MINUTES:
        raise argparse.ArgumentTypeError(f"found {text!r}, expected a whole number from {_MINUTES} to {_MOST_MINUTES}")
    return int(text)


def _summary(found: Sequence[Finding]) -> str:
    counts = {verdict: sum(finding.verdict is verdict for finding in found) for verdict in Verdict}
    parts = [f"{counts[Verdict.AS_EXPECTED]} facts as expected"]
    words = {
        Verdict.DIFFERS: "differ",
        Verdict.WRONG: "wrong in the configuration",
        Verdict.NOT_TRIED: "not tried",
        Verdict.SKIPPED: "skipped",
    }
    parts += [f"{counts[verdict]} {text}" for verdict, text in words.items() if counts[verdict]]
    return ", ".join(parts) + "."


def _write(path: str, text: str) -> None:
    try:
        Path(path).write_text(text, encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigurationError(Fault("--report", f"the file can't be written: {reason}", "Give another")) from None


def _print(text: str, *, is_error: bool = False) -> None:
    """Print one line at once, in whatever encoding the terminal has."""
    stream = sys.stderr if is_error else sys.stdout
    encoding = stream.encoding or "utf-8"
    line = clean(text, _LONGEST_LINE).encode(encoding, "replace").decode(encoding)
    stream.write(f"{line}\n")
    stream.flush()
