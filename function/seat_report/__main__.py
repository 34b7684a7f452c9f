"""Runs the report from a terminal: `python -m seat_report`, with the folder `function/` on Python's path.

`python -m seat_report check` checks the real services instead; its help says more.
`python -m seat_report statement --month 2026-10` prints what the spreadsheet says of a closed month instead; it asks
AvePoint nothing and writes nothing. Its exit status is 1 if the month is incomplete.

Settings come from the environment, as for the function. The result goes to standard output, as a table or, with
`--json`, as the URL would return it; progress and logs go to standard error. Exit status: 0 ok, 1 partial, 2 failed,
3 wrong configuration or command line (nothing was done), 130 interrupted.

At a terminal only errors are logged unless LOG_LEVEL is set: the screen shows the rest.
"""

import argparse
import importlib.util
import json
import os
import re
import sys
import unicodedata
from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Never

from seat_report import check
from seat_report.avepoint import AvePoint
from seat_report.clock import SystemClock
from seat_report.domain import Number, Outcome, RunRequest, TenantType, bare_id, invalid_id_reason
from seat_report.errors import ConfigurationError, Fault, RunError
from seat_report.monitored_run import MonitoredRun, log_faults
from seat_report.one_reading import read_once
from seat_report.reporting import RunResult, logs, row_changes, run_as_json, summary
from seat_report.settings import Settings, load
from seat_report.statement import as_csv, as_json, is_whole
from seat_report.web import problem_members, problem_of
from seat_report.workbook import ClosedMonth, closed_month, connect

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

_STATUSES = {Outcome.OK: 0, Outcome.PARTIAL: 1, Outcome.FAILED: 2}
_STYLES = {Outcome.OK: "bold green", Outcome.PARTIAL: "bold yellow", Outcome.FAILED: "bold red"}
_WRONG_CONFIGURATION = 3
# The exit status that shells give a program ended by Ctrl-C.
_INTERRUPTED = 130
_BAR_WIDTH = 18
# So many issues and changed rows are shown without --all.
_MOST_SHOWN = 10
_EPILOG = """\
commands:
  check        check whether AvePoint and Google behave as expected (check --help)
  statement    print the seats of a closed month (statement --help)

examples:
  python -m seat_report                                 update the report
  python -m seat_report --dry-run                       preview
  python -m seat_report --dry-run --all                 preview with every changed row
  python -m seat_report --customer ID --type google     one customer, one type
  python -m seat_report --json >result.json             the result for a script
  python -m seat_report statement --month 2026-10       a closed month as CSV

exit status: 0 ok, 1 partial, 2 failed, 3 wrong configuration or command line, 130 interrupted
"""
_STATEMENT = (
    "Print the seats of a closed month, and for last month what is billed. Exit status: 0 complete, 1 incomplete, "
    "2 failed, 3 wrong configuration or command line, 130 interrupted."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the report, or the command that the command line names, and return the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["check"]:
        return check.main(given[1:])
    if given[:1] == ["statement"]:
        return _statement(given[1:])
    parser = _parser()
    options = parser.parse_args(given)
    # Only needed at a terminal, so it is not deployed.
    if importlib.util.find_spec("rich") is None:
        parser.exit(_WRONG_CONFIGURATION, "The package rich is missing: run 'make install', which brings it.\n")
    from rich.console import Console

    screen = Console(stderr=True, markup=False, emoji=False, highlight=False)
    request = RunRequest(
        dry_run=options.dry_run,
        customer_ids=tuple(dict.fromkeys(options.customer)),
        tenant_types=tuple(tenant_type for tenant_type in TenantType if tenant_type in options.type),
        trigger="terminal",
        by=os.environ.get("USER", ""),
    )
    # Until the settings are loaded: their faults are logged, too.
    logs.configure(_log_level("INFO"), on_standard_error=True)
    try:
        settings = load()
        logs.configure(_log_level(settings.log_level), on_standard_error=True)
        result = _run(settings, request, screen)
    except ConfigurationError as error:
        log_faults(error)
        _print_faults(screen, error)
        if options.json:
            _print_json(problem_members(problem_of(error)))
        return _WRONG_CONFIGURATION
    except KeyboardInterrupt:
        screen.print(
            "Interrupted. The next run repairs what this one left undone; if it is told that a run is under way, "
            "this one's time is not up yet."
        )
        return _INTERRUPTED
    if options.json:
        failure = result.failure
        _print_json(problem_members(problem_of(failure, run_as_json(result))) if failure else run_as_json(result))
    else:
        # At a terminal between words; a file gets whole lines.
        output = Console(markup=False, emoji=False, highlight=False, soft_wrap=not sys.stdout.isatty())
        _print_result(result, output, show_all=options.all)
    if isinstance(result.failure, ConfigurationError):
        _print_faults(screen, result.failure)
        return _WRONG_CONFIGURATION
    return _STATUSES[result.outcome]


def _statement(arguments: Sequence[str]) -> int:
    """Print the statement of a closed month and return the exit status."""
    parser = _Parser(prog="python -m seat_report statement", allow_abbrev=False, description=_STATEMENT)
    parser.add_argument("--month", required=True, type=_month, metavar="YYYY-MM", help="a closed month")
    parser.add_argument("--format", choices=("csv", "json"), default="csv")
    options = parser.parse_args(arguments)
    logs.configure(_log_level("INFO"), on_standard_error=True)
    try:
        settings = load()
        logs.configure(_log_level(settings.log_level), on_standard_error=True)
        found = _read_month(settings, options.month)
    except ConfigurationError as error:
        for fault in error.faults:
            sys.stderr.write(f"{fault}\n")
        return _WRONG_CONFIGURATION
    except RunError as error:
        sys.stderr.write(f"{error}\n")
        return _STATUSES[Outcome.FAILED]
    except KeyboardInterrupt:
        return _INTERRUPTED
    sys.stdout.write(as_json(found) if options.format == "json" else as_csv(found))
    return _STATUSES[Outcome.OK if is_whole(found) else Outcome.PARTIAL]


def _read_month(settings: Settings, month: str) -> ClosedMonth:
    titles = [settings.history_tab, settings.billing_tab]
    snapshot = read_once(settings, SystemClock(), titles, seconds=settings.run_timeout_seconds)
    history_tab = snapshot.tab(settings.history_tab)
    if history_tab is None:
        wrong = f"the spreadsheet has no tab {settings.history_tab!r}"
        raise ConfigurationError(Fault("HISTORY_TAB", wrong, "Give the title of the tab with the months"))
    return closed_month(history_tab, snapshot.tab(settings.billing_tab), month, settings.billing_tolerance)


def _month(text: str) -> str:
    if re.fullmatch(r"[0-9]{4}-(?:0[1-9]|1[0-2])", text) is None:
        raise argparse.ArgumentTypeError(f"found {text!r}, expected a month such as 2026-10")
    return text


class _Parser(argparse.ArgumentParser):
    """A parser that exits as a wrong configuration does: argparse's own status 2 means a failed run here."""

    def error(self, message: str) -> Never:
        """Print the usage and what is wrong, then exit."""
        self.print_usage(sys.stderr)
        self.exit(_WRONG_CONFIGURATION, f"{self.prog}: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m seat_report",
        allow_abbrev=False,
        description="Bring the seat report up to date. Settings come from the environment.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="preview: query AvePoint and show what would change; write nothing"
    )
    parser.add_argument(
        "--customer",
        action="append",
        default=[],
        type=_customer_id,
        metavar="ID",
        help="only this customer; repeatable",
    )
    parser.add_argument(
        "--type", action="append", default=[], type=_tenant_type, help=f"only this one of: {', '.join(TenantType)}"
    )
    parser.add_argument("--json", action="store_true", help="give the result as the URL would answer it")
    parser.add_argument("--all", action="store_true", help="show all issues and changed rows, not only the first")
    return parser


def _customer_id(text: str) -> str:
    customer_id = bare_id(text)
    if reason := (invalid_id_reason(customer_id) if customer_id else "An ID is expected."):
        raise argparse.ArgumentTypeError(f"found {text!r}. {reason}")
    return customer_id


def _tenant_type(text: str) -> TenantType:
    try:
        return TenantType.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _log_level(level: str) -> str:
    return "ERROR" if sys.stderr.isatty() and not os.environ.get("LOG_LEVEL") else level


def _run(settings: Settings, request: RunRequest, screen: "Console") -> RunResult:
    """Run the report, showing its progress on the screen meanwhile."""
    from rich.live import Live

    clock = SystemClock()
    client = connect(settings.sheets_emulator_host)
    with closing(client.session), closing(AvePoint(settings, clock=clock)) as avepoint:
        run = MonitoredRun(settings, request, client=client, avepoint=avepoint, clock=clock)
        with Live(get_renderable=lambda: _progress_line(run), console=screen, transient=True):
            return run.go()


def _progress_line(run: MonitoredRun) -> "RenderableType":
    from rich.progress_bar import ProgressBar
    from rich.table import Column, Table

    progress = run.progress
    counts = f"{progress.done:,} of {progress.customers:,}, {progress.failed:,} failed"
    if progress.seconds_left is not None:
        counts += f", {summary.time_left(progress.seconds_left)} left"
    bar = ProgressBar(total=progress.customers or None, completed=progress.done, width=_BAR_WIDTH)
    line = Table.grid(Column(), Column(), Column(no_wrap=True), padding=(0, 1))
    line.add_row(progress.phase.value, bar, counts if progress.customers else "")
    return line


def _print_left(count: int, output: "Console", *, show_all: bool) -> None:
    if not show_all and count > _MOST_SHOWN:
        output.print(f"  and {count - _MOST_SHOWN:,} more: --all shows them", style="dim")


def _print_result(result: RunResult, output: "Console", *, show_all: bool) -> None:
    """Print how the run went: the outcome and the totals first, then what needs attention and what changes."""
    output.print(summary.headline(result), style=_STYLES[result.outcome])
    if isinstance(result.failure, ConfigurationError):
        return
    output.print(summary.sentence(result))
    output.print(summary.changes(result))
    _print_totals(result, output)
    for warning in result.warnings:
        output.print(f"• {_printable(warning)}", style="yellow")
    attention = summary.attention(result)
    for item in attention if show_all else attention[:_MOST_SHOWN]:
        heading = " · ".join(part for part in (str(item.kind), item.who, item.where) if part)
        output.print(f"• {_printable(heading)}", style="yellow")
        output.print(f"  {_printable(item.detail)}")
    _print_left(len(attention), output, show_all=show_all)
    if result.request.dry_run:
        rows = list(row_changes.changed_rows(result))
        for row in rows if show_all else rows[:_MOST_SHOWN]:
            output.print(f"  {_printable(row_changes.in_a_line(row))}")
        _print_left(len(rows), output, show_all=show_all)
    statistics = f"{result.duration_seconds:.1f} s, {summary.counted(result.requests, 'AvePoint request')}"
    output.print(f"Run {result.run_id}: {statistics}", style="dim")
    # Never broken, so that it can be clicked.
    output.print(result.spreadsheet_url, soft_wrap=True)


def _printable(text: str) -> str:
    """Text from outside, with control characters replaced: a terminal would obey them."""
    return "".join("�" if unicodedata.category(character) == "Cc" else character for character in text)


def _counted(number: Number | None) -> str:
    return "–" if number is None else f"{number:,}"


def _print_totals(result: RunResult, output: "Console") -> None:
    from rich.progress_bar import ProgressBar
    from rich.table import Table

    if not result.seats:
        return
    table = Table()
    table.add_column("Tenant type")
    table.add_column("Assigned", justify="right")
    table.add_column("Available", justify="right")
    table.add_column("In use", justify="right")
    table.add_column()
    for total in summary.totals(result):
        share = "" if total.share is None else f"{total.share:.0%}"
        bar = ProgressBar(total=1, completed=total.share or 0, width=_BAR_WIDTH)
        label = f"{total.label} ({total.gap})" if total.gap else total.label
        table.add_row(label, _counted(total.assigned), _counted(total.available), share, bar)
    output.print(table)


def _print_faults(screen: "Console", error: ConfigurationError) -> None:
    for fault in error.faults:
        screen.print(str(fault) + ("" if fault.remedy.endswith(".") else "."), style="red", soft_wrap=True)


def _print_json(body: object) -> None:
    sys.stdout.write(json.dumps(body, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
