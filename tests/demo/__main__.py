"""`make run`: some months of runs, then one now with a customer out of reach, and what it has done."""

import argparse
import signal
from typing import Any

import requests
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from seat_report.clock import SystemClock
from tests.demo.past import play_months
from tests.demo.stage import Stage, stage
from tests.emulators.avepoint.faults import Fault

_RUN_SECONDS = 120


def main() -> None:
    """Run the show; until Ctrl-C, or with `--once` until it has printed."""
    parser = argparse.ArgumentParser(prog="python -m tests.demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="exit after printing")
    once = parser.parse_args().once
    console = Console()
    try:
        with stage() as running:
            play(running, console)
            if not once:
                console.print("Call it again:", f"curl -X POST {running.function}", soft_wrap=True, highlight=False)
                console.print("[dim]Ctrl-C ends it all.[/]")
                signal.pause()
    except KeyboardInterrupt:
        console.print("\nEnded.")


def play(running: Stage, console: Console) -> None:
    """The months before, then a call of the function's URL, told on the console."""
    with console.status(f"Three months of runs at {running.sheets.url} and {running.avepoint.url} …"):
        play_months(running, 3, SystemClock().now())
        hidden = running.avepoint.directory.customers[4]
        running.avepoint.faults.add(Fault(kind="status", status=403, customer_id=hidden.id))
    names = {one.id: one.organization for one in running.avepoint.directory.customers}
    _tell(console, f"POST {running.function}", _call(running), names)
    console.print("The spreadsheet:", style="bold")
    console.print(running.page, soft_wrap=True, highlight=False)


def _call(running: Stage) -> dict[str, Any]:
    answer = requests.post(running.function, timeout=_RUN_SECONDS)
    answer.raise_for_status()
    body: dict[str, Any] = answer.json()
    return body


def _tell(console: Console, title: str, answer: dict[str, Any], names: dict[str, str]) -> None:
    customers, changes = answer["customers"], answer["changes"]
    table = Table(title=f"{title}: {answer['outcome']}", title_justify="left", title_style="bold")
    table.add_column("Tenant type")
    table.add_column("Assigned seats", justify="right")
    table.add_column("Available seats", justify="right")
    for tenant_type, seats in answer["seats"].items():
        table.add_row(tenant_type, f"{seats['assigned']:,}", f"{seats['available']:,}")
    console.print(table)
    console.print(
        f"{customers['queried']} customers asked ({customers['failed']} failed), {answer['tenants']} tenants, "
        f"{changes['rows_added']} rows added, {changes['rows_updated']} updated, {changes['rows_removed']} removed, "
        f"in {answer['duration_seconds']:.1f} s, {answer['avepoint']['requests']} AvePoint requests",
        highlight=False,
    )
    for kind, customer_id in dict.fromkeys((one["problem"], one["customer_id"]) for one in answer["problems"]):
        told = [one for one in answer["problems"] if (one["problem"], one["customer_id"]) == (kind, customer_id)]
        types = ", ".join(one["tenant_type"] for one in told if one["tenant_type"])
        whose = escape(names.get(customer_id or "", ""))
        console.print(f"[yellow]{kind}[/] {whose} [dim]{types}[/] {escape(told[0]['detail'])}", highlight=False)
    for warning in answer["warnings"]:
        console.print(f"[yellow]warning[/] {escape(warning)}", highlight=False)
    console.print()


if __name__ == "__main__":
    main()
