"""The message to a chat: when there is one, what it says, and that nothing of it costs the run or shows a secret."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tests.emulators.avepoint.faults import Fault
from tests.support.world import World

PATH = "/hook/s3cr3t-key-of-the-chat"


class Chat:
    """A chat that keeps the messages it gets, and answers with this status."""

    def __init__(self, status: int) -> None:
        self.messages: list[str] = []
        chat = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                chat.messages.append(json.loads(body)["text"])
                self.send_response(status)
                self.send_header("Location", f"{PATH}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}{PATH}"


@contextmanager
def chatting(status: int = 200) -> Iterator[Chat]:
    """A chat while the block runs."""
    chat = Chat(status)
    thread = threading.Thread(target=chat.server.serve_forever)
    thread.start()
    try:
        yield chat
    finally:
        chat.server.shutdown()
        thread.join()
        chat.server.server_close()


@pytest.fixture
def listed(world: World) -> World:
    """A world with some customers listed, whose report is there already."""
    world.list_customers(world.avepoint.directory.customers[:3])
    world.run()
    return world


def fail_one(world: World) -> None:
    """Let AvePoint refuse one customer."""
    customer = world.avepoint.directory.customers[0]
    world.avepoint.faults.add(Fault(kind="status", status=403, customer_id=customer.id))


def test_only_a_change_of_the_outcome_is_told(listed: World) -> None:
    """With counts and the spreadsheet's address, but without anybody's name."""
    with chatting() as chat:
        listed.configure(NOTIFY_WEBHOOK_URL=chat.url)
        listed.run()
        assert chat.messages == []
        fail_one(listed)
        answer = listed.run()
        assert answer["warnings"] == []
        listed.run()
        (message,) = chat.messages
    assert message.splitlines()[:2] == ["Seat report: partial (before: ok)", "2 of 3 customers verified, 4 issues"]
    assert message.splitlines()[-1] == answer["spreadsheet_url"]
    names = {customer.organization for customer in listed.avepoint.directory.customers}
    names |= {customer.id for customer in listed.avepoint.directory.customers}
    assert not [name for name in names if name in message]


@pytest.mark.parametrize("parameters", [{"dry_run": "true"}, {"tenant_type": "microsoft-365"}], ids=str)
def test_previews_and_limited_runs_tell_nothing(listed: World, parameters: dict[str, Any]) -> None:
    with chatting() as chat:
        listed.configure(NOTIFY_WEBHOOK_URL=chat.url)
        fail_one(listed)
        listed.run(**parameters)
        assert chat.messages == []


def test_the_close_of_a_month_is_told_with_what_to_bill(listed: World) -> None:
    """Once, by the first run of the next month."""
    tab = listed.tab("Billing")
    header = tab.row_values(1)
    tab.update_cell(2, header.index("Billed seats") + 1, 1)
    with chatting() as chat:
        listed.configure(NOTIFY_WEBHOOK_URL=chat.url)
        listed.clock.moment += timedelta(days=31)
        listed.run()
        listed.run()
        (message,) = chat.messages
    assert " is closed. Complete" in message
    assert "bill more: 1 (" in message


@pytest.mark.parametrize(("status", "reason"), [(500, "it answered 500"), (302, "it answered 302")])
def test_a_failure_is_a_warning_without_the_address(listed: World, status: int, reason: str) -> None:
    """No redirect is followed, and the run is what it was."""
    fail_one(listed)
    with chatting(status) as chat:
        listed.configure(NOTIFY_WEBHOOK_URL=chat.url)
        answer = listed.run()
        assert len(chat.messages) == 1
    assert answer["outcome"] == "partial"
    assert answer["warnings"] == [f"The chat could not be notified: {reason}. Check NOTIFY_WEBHOOK_URL."]
    assert "s3cr3t" not in json.dumps(answer)


def test_a_chat_out_of_reach_is_a_warning(listed: World, capfd: pytest.CaptureFixture[str]) -> None:
    fail_one(listed)
    listed.configure(NOTIFY_WEBHOOK_URL=f"http://127.0.0.1:9{PATH}")
    answer = listed.run()
    assert answer["warnings"] == ["The chat could not be notified: it can't be reached. Check NOTIFY_WEBHOOK_URL."]
    output = capfd.readouterr()
    assert "s3cr3t" not in output.out + output.err + json.dumps(answer)


def test_a_wrong_address_is_a_fault_that_does_not_repeat_it(listed: World, tmp_path: Any) -> None:
    """Also in a file, and if both settings are used."""
    listed.configure(NOTIFY_WEBHOOK_URL="http://chat.example.com/s3cr3t")
    assert "s3cr3t" not in json.dumps(listed.run(expect=500))
    file = tmp_path / "url"
    file.write_text("s3cr3t", encoding="utf-8")
    listed.configure(NOTIFY_WEBHOOK_URL_FILE=str(file))
    assert "found both" in json.dumps(listed.run(expect=500))
    listed.configure(NOTIFY_WEBHOOK_URL=None)
    answer = json.dumps(listed.run(expect=500))
    assert "s3cr3t" not in answer
    assert "NOTIFY_WEBHOOK_URL" in answer
    with chatting() as chat:
        file.write_text(f"{chat.url}\n", encoding="utf-8")
        fail_one(listed)
        listed.run()
        assert len(chat.messages) == 1
