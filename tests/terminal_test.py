"""The run from a terminal: what it prints where, how it ends, and what it does when it is interrupted."""

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog

from seat_report.__main__ import main
from seat_report.run import Run
from tests.emulators.avepoint.faults import Fault
from tests.support.hold import held
from tests.support.world import SOURCE, World

# A shell may have started the tests with interrupts ignored, which would be inherited.
PROGRAM = """
import signal, sys
from seat_report.__main__ import main
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.exit(main())
"""


@pytest.fixture(autouse=True)
def log_as_before() -> Iterator[None]:
    """Logs go to standard error only while the terminal is tested."""
    yield
    structlog.reset_defaults()


def environment() -> dict[str, str]:
    """The settings, and the package on Python's path."""
    path = os.pathsep.join(filter(None, (str(SOURCE.parent), os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path, "COLUMNS": "100"}


def events(text: str) -> list[dict[str, Any]]:
    """The log lines in a text."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def test_ok(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A good run ends with 0, writes the report, and prints a table of the seats; logs go to standard error."""
    world.list_customers()
    assert main([]) == 0
    captured = capsys.readouterr()
    assert world.report_seats() == world.service_seats()
    assert "Up to date" in captured.out
    assert "Microsoft 365" in captured.out
    assert f"The run added {len(world.rows())} rows" in captured.out
    assert "/edit" in captured.out
    assert [one["message"] for one in events(captured.err)] == ["run started", "run finished"]
    assert {one["trigger"] for one in events(captured.err)} == {"terminal"}
    assert world.rows("Runs")[0]["Trigger"] == "terminal"


def test_partial(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A run with gaps ends with 1 and says for each what to do."""
    world.list_customers()
    hidden = world.avepoint.directory.customers[4]
    world.avepoint.faults.add(Fault(kind="status", status=403, customer_id=hidden.id))
    assert main([]) == 1
    printed = capsys.readouterr().out
    assert f"not-authorised · {hidden.organization}" in printed
    assert "Add it to the customer scope" in printed


def test_failed(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A run that AvePoint answers for nobody ends with 2 and says why."""
    world.list_customers()
    world.avepoint.faults.add(Fault(kind="status", status=403))
    assert main([]) == 2
    assert "AvePoint answered for no customer" in capsys.readouterr().out


def test_unexpected(world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that nobody foresaw ends with 2; its stack is in the logs, not in the result."""
    assert world

    def break_down(_: Run) -> None:
        raise KeyError("inside")

    monkeypatch.setattr(Run, "go", break_down)
    assert main([]) == 2
    captured = capsys.readouterr()
    assert "inside" not in captured.out
    assert any("inside" in one.get("stack_trace", "") for one in events(captured.err))


@pytest.mark.parametrize("json_too", [[], ["--json"]])
@pytest.mark.parametrize("setting", ["AVEPOINT_CLIENT_SECRET", "SPREADSHEET_ID"])
@pytest.mark.parametrize("value", [None, "another"])
def test_configuration(
    world: World, capsys: pytest.CaptureFixture[str], setting: str, value: str | None, json_too: list[str]
) -> None:
    """A wrong setting ends with 3, whether it shows at once or only to the services, and is named with what to do."""
    world.list_customers()
    world.configure(**{setting: value})
    assert main(json_too) == 3
    captured = capsys.readouterr()
    assert setting in captured.err
    if json_too:
        assert setting in json.loads(captured.out)["faults"][0]["setting"]


def test_dry_run(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A dry run prints the patch row by row and writes nothing."""
    world.list_customers(world.avepoint.directory.customers[:1])
    world.run()
    customer = world.avepoint.directory.customers[0]
    (tenant,) = customer.tenants
    world.avepoint.directory.put_tenant(customer.id, replace(tenant, assigned=tenant.assigned + 4))
    grids = {tab.title: world.grid(tab.title) for tab in world.book.worksheets()}
    capsys.readouterr()
    assert main(["--dry-run"]) == 0
    printed = capsys.readouterr().out
    change = f"assigned {tenant.assigned} → {tenant.assigned + 4}"
    assert f"{customer.organization} · Microsoft 365 · {change}" in printed
    assert {tab.title: world.grid(tab.title) for tab in world.book.worksheets()} == grids


def test_limits(world: World) -> None:
    """Only the customers and types named are asked about."""
    world.list_customers()
    first, second = world.avepoint.directory.customers[:2]
    arguments = ["--customer", first.id, "--customer", second.id, "--type", "Google", "--type", "1"]
    assert main(arguments) == 0
    asked = {(request.customer_id, request.tenant_type) for request in world.avepoint.log.requests("seats")}
    assert asked == {(one.id, tenant_type) for one in (first, second) for tenant_type in (1, 2)}


def test_json(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """With --json standard output is the answer of the URL and nothing else."""
    world.list_customers()
    assert main(["--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    answer = world.run()
    assert told.keys() == answer.keys()
    assert told["seats"] == answer["seats"]
    world.avepoint.faults.add(Fault(kind="status", status=403))
    capsys.readouterr()
    assert main(["--json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert told.keys() == world.run(expect=502).keys()
    assert (told["status"], told["outcome"]) == (502, "failed")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--customer", "a/b"], "An ID has none of"),
        (["--customer", ""], "An ID is expected"),
        (["--customer"], "expected one argument"),
        (["--type", "tea"], "expected some of: microsoft-365"),
        (["--dry"], "unrecognized arguments"),
        (["now"], "unrecognized arguments"),
    ],
)
def test_command_line(world: World, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str) -> None:
    """A command line that can't be understood ends with 3, says why, and does nothing."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 3
    assert told in capsys.readouterr().err
    assert world.avepoint.log.requests() == []


def test_without_rich(world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the library for terminals is missing, a sentence says how to get it."""
    assert world
    monkeypatch.setitem(sys.modules, "rich", None)
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 3
    assert "make install" in capsys.readouterr().err


def test_names_are_text(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A name that looks like markup is printed as it is, and one that would order the terminal about does not."""
    customer = world.avepoint.directory.customers[4]
    world.put("Customers", [["Customer ID", "Customer"], [customer.id, "[red]Contoso[/red] :smile:\x1b[2J"]])
    world.avepoint.faults.add(Fault(kind="status", status=403, customer_id=customer.id, tenant_type=1))
    assert main([]) == 1
    printed = capsys.readouterr().out
    assert "[red]Contoso[/red] :smile:" in printed
    assert "\x1b" not in printed


def test_progress_and_interruption(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """At a terminal a line tells how far the run is; Ctrl-C ends it with 130 and a sentence, without a stack."""
    world.list_customers()
    ours, theirs = pty.openpty()
    with held(world, monkeypatch, 3) as hold:
        command = [sys.executable, "-c", PROGRAM]
        with subprocess.Popen(command, env=environment(), stdin=theirs, stdout=theirs, stderr=theirs) as process:
            os.close(theirs)
            shown = _read_until(ours, "3 of 36, 0 failed")
            hold.wait()
            process.send_signal(signal.SIGINT)
            shown += _read_until(ours, None)
        os.close(ours)
    assert process.returncode == 130
    assert "Asking AvePoint" in shown
    assert "Interrupted" in shown
    assert "Traceback" not in shown
    assert '"message"' not in shown


def test_as_a_module(world: World) -> None:
    """`python -m seat_report` is the same; its help tells the exit statuses."""
    assert world
    command = [sys.executable, "-m", "seat_report", "--help"]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True, cwd=Path("/"))
    assert "Exit status: 0 ok, 1 partial, 2 failed, 3" in " ".join(done.stdout.split())


def _read_until(terminal: int, text: str | None) -> str:
    """What is shown on a terminal until it shows a text, or until whoever writes there has ended."""
    shown = ""
    while text is None or text not in shown:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            # Linux's way of saying that nobody has the other end open any more.
            break
        if not piece:
            break
        shown += piece.decode(errors="replace")
    return shown
