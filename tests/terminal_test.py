"""The run from a terminal: its output, its exit status, and an interruption."""

import json
import os
import pty
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from seat_report.__main__ import main
from seat_report.run import Run
from tests.emulators.avepoint.faults import Fault
from tests.support.hold import held
from tests.support.log_lines import log_lines_in
from tests.support.world import CUSTOMER_COUNT, SOURCE, World

pytestmark = pytest.mark.usefixtures("restore_logging")

# A shell may have started the tests with interrupts ignored, which would be inherited.
PROGRAM = """
import signal, sys
from seat_report.__main__ import main
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.exit(main())
"""


def environment() -> dict[str, str]:
    """The environment of a process, with the settings, and the package on Python's path."""
    path = os.pathsep.join(filter(None, (str(SOURCE.parent), os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path, "COLUMNS": "100"}


def test_ok(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A good run exits with 0, writes the report, and prints a table of the seats; logs go to standard error."""
    world.list_customers()
    assert main([]) == 0
    captured = capsys.readouterr()
    assert world.report_seats() == world.service_seats()
    assert "Up to date" in captured.out
    assert "Microsoft 365" in captured.out
    assert f"{len(world.rows())} rows added" in captured.out
    assert "/edit" in captured.out
    lines = log_lines_in(captured.err)
    assert [line["message"] for line in lines] == ["run started", "run finished"]
    assert {line["trigger"] for line in lines} == {"terminal"}
    assert world.rows("Runs")[0]["Trigger"] == "terminal"


def test_partial(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A partial run exits with 1 and says what to do about each problem."""
    world.list_customers()
    hidden = world.avepoint.directory.customers[4]
    world.avepoint.faults.add(Fault(kind="status", status=403, customer_id=hidden.id))
    assert main([]) == 1
    printed = capsys.readouterr().out
    assert f"not-authorised · {hidden.organization}" in printed
    assert "Add it to the customer scope" in printed


def test_failed(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A run for which AvePoint answers for no customer exits with 2 and says why."""
    world.list_customers()
    world.avepoint.faults.add(Fault(kind="status", status=403))
    assert main([]) == 2
    assert "AvePoint answered for no customer" in capsys.readouterr().out


def test_unexpected(world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """An unexpected error exits with 2; its stack trace is in the logs, not in the result."""
    assert world

    def raise_unexpected_error(_: Run) -> None:
        raise KeyError("inside")

    monkeypatch.setattr(Run, "go", raise_unexpected_error)
    assert main([]) == 2
    captured = capsys.readouterr()
    assert "inside" not in captured.out
    assert any("inside" in line.get("stack_trace", "") for line in log_lines_in(captured.err))


@pytest.mark.parametrize("options", [[], ["--json"]])
@pytest.mark.parametrize("setting", ["AVEPOINT_CLIENT_SECRET", "SPREADSHEET_ID"])
@pytest.mark.parametrize("value", [None, "another"])
def test_configuration(
    world: World, capsys: pytest.CaptureFixture[str], setting: str, value: str | None, options: list[str]
) -> None:
    """A wrong setting exits with 3, whether found at once or only by the services, and is named."""
    world.list_customers()
    world.configure(**{setting: value})
    assert main(options) == 3
    captured = capsys.readouterr()
    assert setting in captured.err
    if options:
        assert setting in json.loads(captured.out)["faults"][0]["setting"]


def test_dry_run(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A dry run prints the changes row by row and writes nothing."""
    world.list_customers(world.avepoint.directory.customers[:1])
    world.run()
    customer = world.avepoint.directory.customers[0]
    tenant = customer.tenants[0]
    world.avepoint.directory.put_tenant(customer.id, replace(tenant, assigned=tenant.assigned + 4))
    grids = world.grids()
    capsys.readouterr()
    assert main(["--dry-run"]) == 0
    printed = capsys.readouterr().out
    change = f"assigned {tenant.assigned} → {tenant.assigned + 4}"
    assert f"{customer.organization} · Microsoft 365 · {change}" in printed
    assert world.grids() == grids


def test_limits(world: World) -> None:
    """Only the given customers and types are queried."""
    world.list_customers()
    first, second = world.avepoint.directory.customers[:2]
    arguments = ["--customer", first.id, "--customer", second.id, "--type", "Google", "--type", "1"]
    assert main(arguments) == 0
    assert world.queried() == {(customer.id, number) for customer in (first, second) for number in (1, 2)}


def test_json(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """With --json, standard output is the URL's response and nothing else."""
    world.list_customers()
    assert main(["--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    response = world.run()
    assert printed.keys() == response.keys()
    assert printed["seats"] == response["seats"]
    world.avepoint.faults.add(Fault(kind="status", status=403))
    capsys.readouterr()
    assert main(["--json"]) == 2
    printed = json.loads(capsys.readouterr().out)
    assert printed.keys() == world.run(expect=502).keys()
    assert (printed["status"], printed["outcome"]) == (502, "failed")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--customer", "a/b"], "An ID can't contain"),
        (["--customer", ""], "An ID is expected"),
        (["--customer"], "expected one argument"),
        (["--type", "tea"], "use one or more of: microsoft-365"),
        (["--dry"], "unrecognized arguments"),
        (["now"], "unrecognized arguments"),
    ],
)
def test_command_line(world: World, capsys: pytest.CaptureFixture[str], arguments: list[str], expected: str) -> None:
    """An invalid command line exits with 3, says why, and does nothing."""
    with pytest.raises(SystemExit) as exited:
        main(arguments)
    assert exited.value.code == 3
    assert expected in capsys.readouterr().err
    assert world.avepoint.log.requests() == []


def test_without_rich(world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """If the library for terminals is missing, a message says how to install it."""
    assert world
    monkeypatch.setitem(sys.modules, "rich", None)
    with pytest.raises(SystemExit) as exited:
        main([])
    assert exited.value.code == 3
    assert "make install" in capsys.readouterr().err


def test_names_are_printed_as_text(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A name that looks like markup is printed as it is, and control characters in it are not."""
    customer = world.avepoint.directory.customers[4]
    world.put("Customers", [["Customer ID", "Customer"], [customer.id, "[red]Contoso[/red] :smile:\x1b[2J"]])
    world.avepoint.faults.add(Fault(kind="status", status=403, customer_id=customer.id, tenant_type=1))
    assert main([]) == 1
    printed = capsys.readouterr().out
    assert "[red]Contoso[/red] :smile:" in printed
    assert "\x1b" not in printed


def test_progress_and_interruption(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """At a terminal, a line shows the progress; Ctrl-C exits with 130 and a message, without a stack trace."""
    world.list_customers()
    our_end, their_end = pty.openpty()
    with held(world, monkeypatch, 3) as hold:
        command = [sys.executable, "-c", PROGRAM]
        with subprocess.Popen(
            command, env=environment(), stdin=their_end, stdout=their_end, stderr=their_end
        ) as process:
            os.close(their_end)
            screen = _read_until(our_end, f"3 of {CUSTOMER_COUNT}, 0 failed")
            hold.wait()
            process.send_signal(signal.SIGINT)
            screen += _read_until(our_end, None)
        os.close(our_end)
    assert process.returncode == 130
    assert "Asking AvePoint" in screen
    assert "Interrupted" in screen
    assert "Traceback" not in screen
    assert '"message"' not in screen


def test_module_and_help(world: World) -> None:
    """`python -m seat_report` works as well; its help lists the exit statuses."""
    assert world
    command = [sys.executable, "-m", "seat_report", "--help"]
    completed = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True, cwd=Path("/"))
    assert "exit status: 0 ok, 1 partial, 2 failed, 3" in " ".join(completed.stdout.split())


def _read_until(terminal: int, text: str | None) -> str:
    """Read a terminal until it shows a text, or until the process at the other end has exited."""
    screen = ""
    while text is None or text not in screen:
        try:
            data = os.read(terminal, 65536)
        except OSError:
            # On Linux, this means that no process has the other end open any more.
            break
        if not data:
            break
        screen += data.decode(errors="replace")
    return screen
