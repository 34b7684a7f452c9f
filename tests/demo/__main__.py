"""`make run`: some months of runs, what is billed for them, then a run now with a customer out of reach."""

import argparse
import signal
from typing import Any

import requests
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from seat_report.clock import SystemClock
from seat_report.domain import TenantType
from tests.demo.billing import enter_billed_numbers
from tests.demo.past import play_months
from tests.demo.stage import Stage, stage
from tests.emulators.avepoint.faults import Fault

_RUN_SECONDS = 120


def main() -> None:
    """Run the demo until Ctrl-C, or with `--once` until the result is printed."""
    parser = argparse.ArgumentParser(prog="python -m tests.demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="exit after printing")
    once = parser.parse_args().once
    console = Console()
    try:
        with stage() as running:
            play(running, console)
            if not once:
                _print_addresses(console, running)
                signal.pause()
    except KeyboardInterrupt:
        console.print("\nEnded.")


def play(running: Stage, console: Console) -> None:
    """Play past months, then call the function's URL and print the result on the console."""
    with console.status("Three months of runs against the two local services …"):
        play_months(running, 3, SystemClock().now())
        enter_billed_numbers(running)
        unreachable = running.avepoint.directory.customers[4]
        running.avepoint.faults.add(Fault(kind="status", status=403, customer_id=unreachable.id))
    names = {customer.id: customer.organization for customer in running.avepoint.directory.customers}
    _print_result(console, _call_function(running), names)


def _print_addresses(console: Console, running: Stage) -> None:
    for title, address in (
        ("The spreadsheet", running.page),
        ("The function's page", running.function),
        ("Run it again", f"curl -X POST {running.function}"),
    ):
        console.print(f"[bold]{title:20}[/] {address}", soft_wrap=True, highlight=False)
    console.print("[dim]Ctrl-C ends it all.[/]")


def _call_function(running: Stage) -> dict[str, Any]:
    response = requests.post(running.function, timeout=_RUN_SECONDS)
    response.raise_for_status()
    body: dict[str, Any] = response.json()
    return body


def _print_result(console: Console, result: dict[str, Any], names: dict[str, str]) -> None:
    customers, changes = result["customers"], result["changes"]
    table = Table(title=f"Outcome of today's run: {result['outcome']}", title_justify="left", title_style="bold")
    table.add_column("Tenant type")
    table.add_column("Assigned seats", justify="right")
    table.add_column("Available seats", justify="right")
    for tenant_type, seats in result["seats"].items():
        label = _label(tenant_type)
        if not seats["complete"]:
            label += f", {seats['known']} of {seats['expected']} customers"
        table.add_row(label, f"{seats['assigned'] or 0:,}", f"{seats['available'] or 0:,}")
    console.print(table)
    console.print(
        f"{customers['queried']} customers ({customers['failed']} failed), {result['tenants']} tenants, "
        f"{changes['rows_added']} rows added, {changes['rows_updated']} updated, {changes['rows_removed']} removed; "
        f"{result['avepoint']['requests']} AvePoint requests in {result['duration_seconds']:.1f} s",
        highlight=False,
    )
    for kind, customer_id in dict.fromkeys(
        (problem["problem"], problem["customer_id"]) for problem in result["problems"]
    ):
        problems = [
            problem
            for problem in result["problems"]
            if (problem["problem"], problem["customer_id"]) == (kind, customer_id)
        ]
        types = ", ".join(_label(problem["tenant_type"]) for problem in problems if problem["tenant_type"])
        customer = escape(names.get(customer_id or "", ""))
        console.print(f"[yellow]{kind}[/] {customer} [dim]{types}[/] {escape(problems[0]['detail'])}", highlight=False)
    for warning in result["warnings"]:
        console.print(f"[yellow]warning[/] {escape(warning)}", highlight=False)
    console.print()


def _label(tenant_type: str) -> str:
    """The type as people say it."""
    return TenantType.parse(tenant_type).label


if __name__ == "__main__":
    main()
