"""The same run from a terminal: `python -m seat_report`, with the folder `function/` on Python's path.

Settings come from the environment, as for the function. The result goes to standard output, as a table or with `--json`
as the URL would answer it; progress and logs go to standard error. Exit status: 0 ok, 1 partial, 2 failed, 3 the
configuration or the command line is wrong (nothing was done), 130 interrupted.

At a terminal only errors are logged unless LOG_LEVEL asks for more: the screen tells the rest.
"""

import argparse
import importlib.util
import json
import os
import sys
import unicodedata
from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Never

from seat_report.avepoint import AvePoint
from seat_report.clock import SystemClock
from seat_report.domain import Outcome, RunRequest, TenantType, invalid_id_reason
from seat_report.errors import ConfigurationError
from seat_report.monitored_run import MonitoredRun, log_faults
from seat_report.reporting import RunResult, logs, summary
from seat_report.settings import Settings, load
from seat_report.web import problem_members, problem_of, run_as_json
from seat_report.workbook import connect

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

_STATUSES = {Outcome.OK: 0, Outcome.PARTIAL: 1, Outcome.FAILED: 2}
_STYLES = {Outcome.OK: "bold green", Outcome.PARTIAL: "bold yellow", Outcome.FAILED: "bold red"}
_WRONG_CONFIGURATION = 3
# What a shell says of a program that Ctrl-C ended.
_INTERRUPTED = 130
_BAR_WIDTH = 18


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the report as the command line says; gives the exit status."""
    parser = _parser()
    given = parser.parse_args(arguments)
    # Only for people at terminals, so it is not among what is deployed.
    if importlib.util.find_spec("rich") is None:
        parser.exit(_WRONG_CONFIGURATION, "The package rich is missing: run 'make install', which brings it.\n")
    from rich.console import Console

    screen = Console(stderr=True, markup=False, emoji=False, highlight=False)
    request = RunRequest(
        dry_run=given.dry_run,
        customer_ids=tuple(dict.fromkeys(given.customer)),
        tenant_types=tuple(one for one in TenantType if one in given.type),
        trigger="terminal",
        by=os.environ.get("USER", ""),
    )
    # Until the settings say otherwise; whether they can be used is logged, too.
    logs.configure(_level("INFO"), on_standard_error=True)
    try:
        settings = load()
        logs.configure(_level(settings.log_level), on_standard_error=True)
        result = _run(settings, request, screen)
    except ConfigurationError as error:
        log_faults(error)
        _say_faults(screen, error)
        if given.json:
            _write_json(problem_members(problem_of(error)))
        return _WRONG_CONFIGURATION
    except KeyboardInterrupt:
        screen.print(
            "Interrupted. The next run repairs what this one left undone; if it is told that a run is under way, "
            "this one's time is not up yet."
        )
        return _INTERRUPTED
    if given.json:
        failure = result.failure
        _write_json(problem_members(problem_of(failure, run_as_json(result))) if failure else run_as_json(result))
    else:
        _show(result, settings, Console(markup=False, emoji=False, highlight=False, soft_wrap=True))
    if isinstance(result.failure, ConfigurationError):
        _say_faults(screen, result.failure)
        return _WRONG_CONFIGURATION
    return _STATUSES[result.outcome]


class _Parser(argparse.ArgumentParser):
    """Ends as a wrong configuration does; argparse's own status is here that of a failed run."""

    def error(self, message: str) -> Never:
        """Say what is wrong and how to call it."""
        self.print_usage(sys.stderr)
        self.exit(_WRONG_CONFIGURATION, f"{self.prog}: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m seat_report",
        allow_abbrev=False,
        description="Bring the seat report up to date. Settings come from the environment.",
        epilog="Exit status: 0 ok, 1 partial, 2 failed, 3 wrong configuration or command line, 130 interrupted.",
    )
    parser.add_argument("--dry-run", action="store_true", help="ask AvePoint and show what would change; write nothing")
    parser.add_argument(
        "--customer", action="append", default=[], type=_customer_id, metavar="ID", help="only this one; repeatable"
    )
    parser.add_argument(
        "--type", action="append", default=[], type=_tenant_type, help=f"only this one of: {', '.join(TenantType)}"
    )
    parser.add_argument("--json", action="store_true", help="give the result as the URL would answer it")
    return parser


def _customer_id(text: str) -> str:
    if why := (invalid_id_reason(text.strip()) if text else "An ID is expected."):
        raise argparse.ArgumentTypeError(f"found {text!r}. {why}")
    return text


def _tenant_type(text: str) -> TenantType:
    try:
        return TenantType.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _level(level: str) -> str:
    return "ERROR" if sys.stderr.isatty() and not os.environ.get("LOG_LEVEL") else level


def _run(settings: Settings, request: RunRequest, screen: "Console") -> RunResult:
    """Do the run, with its progress on the screen while it lasts."""
    from rich.live import Live

    clock = SystemClock()
    client = connect(settings.sheets_emulator_host)
    with closing(client.session), closing(AvePoint(settings, clock=clock)) as avepoint:
        run = MonitoredRun(settings, request, client=client, avepoint=avepoint, clock=clock)
        with Live(get_renderable=lambda: _progress(run), console=screen, transient=True):
            return run.go()


def _progress(run: MonitoredRun) -> "RenderableType":
    from rich.progress_bar import ProgressBar
    from rich.table import Column, Table

    progress = run.progress
    run_as_json = f"{progress.done:,} of {progress.customers:,}, {progress.failed:,} failed"
    if progress.seconds_left is not None:
        run_as_json += f", {summary.time_left(progress.seconds_left)} left"
    bar = ProgressBar(total=progress.customers or None, completed=progress.done, width=_BAR_WIDTH)
    line = Table.grid(Column(), Column(), Column(no_wrap=True), padding=(0, 1))
    line.add_row(progress.phase.value, bar, run_as_json if progress.customers else "")
    return line


def _show(result: RunResult, settings: Settings, output: "Console") -> None:
    """Tell how the run went."""
    output.print(summary.headline(result), style=_STYLES[result.outcome])
    if isinstance(result.failure, ConfigurationError):
        return
    output.print(summary.sentence(result))
    output.print(summary.changes(result))
    for line in summary.preview(result):
        output.print(f"  {_printable(line)}")
    for warning in result.warnings:
        output.print(f"• {_printable(warning)}", style="yellow")
    for one in summary.attention(result):
        what = " · ".join(part for part in (str(one.kind), one.who, one.where) if part)
        output.print(f"• {_printable(what)}", style="yellow")
        output.print(f"  {_printable(one.detail)}")
    _show_totals(result, settings, output)
    took = f"{result.duration_seconds:.1f} s, {summary.counted(result.requests, 'AvePoint request')}"
    output.print(f"Run {result.run_id}: {took}", style="dim")
    output.print(result.spreadsheet_url)


def _printable(text: str) -> str:
    """Text from outside without what a terminal would take for an order."""
    return "".join("�" if unicodedata.category(character) == "Cc" else character for character in text)


def _show_totals(result: RunResult, settings: Settings, output: "Console") -> None:
    from rich.progress_bar import ProgressBar
    from rich.table import Table

    if not result.tenants:
        return
    table = Table()
    table.add_column("Tenant type")
    table.add_column("Assigned", justify="right")
    table.add_column("Available", justify="right")
    table.add_column("In use", justify="right")
    table.add_column()
    for total in summary.totals(result, settings):
        share = "" if total.share is None else f"{total.share:.0%}"
        bar = ProgressBar(total=1, completed=total.share or 0, width=_BAR_WIDTH)
        table.add_row(total.label, f"{total.assigned:,}", f"{total.available:,}", share, bar)
    output.print(table)


def _say_faults(screen: "Console", error: ConfigurationError) -> None:
    for fault in error.faults:
        screen.print(str(fault) + ("" if fault.remedy.endswith(".") else "."), style="red", soft_wrap=True)


def _write_json(body: object) -> None:
    sys.stdout.write(json.dumps(body, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
