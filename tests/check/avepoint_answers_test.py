"""What the check tells of AvePoint's answers, and that it tells them safely."""

import json
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.check.printed import Check
from tests.emulators.avepoint.faults import Fault
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("restore_logging")

# Beside the findings: what is done, and how many facts hold.
FRAME = 2


def test_the_chosen_customer_is_asked_for(world: World, run: Check) -> None:
    """`--customer` needs no Customers tab."""
    customer = world.avepoint.directory.customers[3]
    assert run("--customer", customer.id).status == 0
    asked = {request.customer_id for request in world.avepoint.log.requests("seats") if request.status == 200}
    assert asked == {customer.id}
    printed = run()
    assert printed.status == 1
    assert any("no customer to ask for" in line for line in printed.of("not tried"))


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Fault(kind="status", status=403), "Add the customer to the scope"),
        (Fault(kind="status", status=429, retry_after="7"), "retry-after 7"),
        (Fault(kind="status", status=500, html=True), "no JSON (text/html)"),
        (Fault(kind="body", body="[]"), "A mistyped customer ID is reported as a customer without tenants"),
        (Fault(kind="body", body='{"value": 1}'), "which can't be read"),
        (Fault(kind="count", value="many"), "1 can't"),
    ],
    ids=str,
)
def test_what_avepoint_answers_otherwise(world: World, run: Check, fault: Fault, told: str) -> None:
    """An answer that is not as documented is told with its status and shape, and what to do."""
    world.list_customers()
    world.avepoint.faults.add(fault)
    printed = run()
    assert printed.status == 1
    assert any(told in line for line in printed.of("DIFFERS")), printed.out


@pytest.mark.parametrize("status", [400, 500])
def test_an_unknown_route_that_answers_otherwise(world: World, run: Check, status: int) -> None:
    """A contract that is absent with another status than documented is no fault of the one that answers."""
    world.list_customers()
    world.avepoint.configure(contract="users", absent_status=status)
    printed = run()
    assert any(f"found {status}" in line and "contract tenants-batch" in line for line in printed.of("ok"))


@pytest.mark.parametrize(("days", "status", "verdict"), [(40, 0, "ok"), (29, 1, "DIFFERS"), (-1, 1, "DIFFERS")])
def test_a_credential_that_ends(world: World, run: Check, days: int, status: int, verdict: str) -> None:
    """The days left of the credential are told; fewer than 30 are a difference."""
    world.list_customers()
    ends = world.clock.now().date() + timedelta(days=days)
    world.configure(AVEPOINT_CREDENTIAL_EXPIRES=ends.isoformat())
    printed = run()
    assert printed.status == status
    assert any(f"{days} days left" in line for line in printed.of(verdict))


HOSTILE = "evil\r\nok        all is well\x1b[2J\u2028\u202e\x07\x9b31m\ttab"


@pytest.mark.parametrize("arguments", [(), ("--show",)])
def test_hostile_content_breaks_no_line(world: World, run: Check, arguments: tuple[str, ...]) -> None:
    """Whatever AvePoint sends, each finding is one line of characters that a terminal only shows."""
    world.list_customers()
    sane = len(run(*arguments).lines)
    entry = {"id": HOSTILE, "name": HOSTILE, HOSTILE: {HOSTILE: [HOSTILE]}, "assignedUserSeat": HOSTILE}
    world.avepoint.faults.add(Fault(kind="body", body=json.dumps([entry])))
    printed = run(*arguments)
    assert len(printed.out.split("\n")) == len(printed.lines) + 1 == sane + 1
    assert all(line.isprintable() for line in printed.lines)
    assert ("evil" in printed.out) == bool(arguments)
    found = printed.lines[1:-1]
    assert all(line.startswith(("ok  ", "DIFFERS ", "skipped ", "not tried ", "WRONG ")) for line in found)
    assert len(found) == len(printed.lines) - FRAME


def test_the_report_identifies_nobody(world: World, scratch_id: str, run: Check, tmp_path: Path) -> None:
    """The file for a bug report has each line of the terminal, without secrets, ids and names in any spelling."""
    customer = world.avepoint.directory.customers[0]
    secret = world.avepoint.registration.client_secret
    private = {secret, customer.id, customer.organization, customer.tenants[0].id, customer.tenants[0].name}
    private |= {scratch_id, world.book.id, "Mine", "caller@example.com"}
    private |= {world.avepoint.registration.client_id}
    hostile = [{"id": "x1", "name": text, text: text, f"a_{index}": [text]} for index, text in enumerate(private)]
    world.avepoint.faults.add(Fault(kind="body", body=json.dumps(hostile), contract="users"))
    file = tmp_path / "check.txt"
    printed = run("--show", "--report", str(file))
    written = file.read_text(encoding="utf-8")
    assert len(written.splitlines()) == len(printed.lines) - FRAME
    for text in private:
        for spelling in (text, json.dumps(text)[1:-1], quote(text, safe=""), text.upper(), text[::-1]):
            assert spelling not in written, spelling
    assert customer.organization in printed.out
