"""Secrets: what a service echoes never reaches the spreadsheet, a page, a response, a log or an error."""

import base64
import contextlib
import html
import io
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, unquote

import pytest

from seat_report.__main__ import main
from tests.emulators.avepoint.data import Customer, Tenant, TenantType
from tests.emulators.avepoint.faults import Fault
from tests.properties.journey import BROWSER
from tests.support.avepoint_client import certificate_pem, key_pem, rsa_key
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("restore_logging")

SECRET = "canary~Secret/8Q+1=="
TOKEN = "canary.Token_9-Z/x+y=="
# Every form in which they are searched for.
CANARIES = [
    form
    for secret in (SECRET, TOKEN)
    for form in (secret, quote_plus(secret), secret.replace("/", "\\/"), base64.b64encode(secret.encode()).decode())
]
ECHOES: list[tuple[int, str]] = [
    (status, echo)
    for status in (200, 400, 403, 409)
    for echo in (
        f"POST /seats HTTP/1.1\r\nAuthorization: Bearer {TOKEN}\r\n\r\nclient_secret={quote_plus(SECRET)}",
        json.dumps({"message": f"The token {TOKEN} of {SECRET} is not for you", "requestId": TOKEN}),
        json.dumps({"errors": [{"message": f"Bearer {TOKEN}"}, {"message": SECRET}]}).replace("/", "\\/"),
        json.dumps([{"id": SECRET, "name": TOKEN, "assignedUserSeat": TOKEN, "availableUserSeat": SECRET}]),
        json.dumps([{"id": TOKEN, "name": SECRET, "assignedUserSeat": 1, "availableUserSeat": 1}]),
        json.dumps({TOKEN: SECRET}),
        f"<html><title>400</title>{TOKEN} {SECRET}</html>",
        " " * 70 + TOKEN + SECRET,
        " " * 10_000 + TOKEN,
        "x" * 75 + SECRET,
        json.dumps({"message": "".join(f"\\u{ord(character):04x}" for character in TOKEN)}).replace("\\\\", "\\"),
        f"<p>{''.join(f'&#{ord(character)};' for character in SECRET)} {quote(TOKEN, safe='').replace('c', '%63')}</p>",
    )
]


def all_output(world: World) -> dict[str, str]:
    """Everything the report outputs: responses, pages, health checks, the terminal, logs, the spreadsheet."""
    output = {}
    with (
        contextlib.redirect_stdout(io.StringIO()) as standard_output,
        contextlib.redirect_stderr(io.StringIO()) as standard_error,
    ):
        for name, response in (
            ("answer", world.function.post("/")),
            ("preview", world.function.post("/?dry_run=1")),
            ("health", world.function.get("/health?deep=1")),
        ):
            output[name] = f"{response.headers} {response.get_data(as_text=True)}"
        output["page"] = world.function.post("/", headers=BROWSER).get_data(as_text=True)
        main([])
        main(["--json"])
    output["output"], output["errors"] = standard_output.getvalue(), standard_error.getvalue()
    sheets = world.book.fetch_sheet_metadata(params={"includeGridData": "true"})
    output["sheet"] = json.dumps(sheets, ensure_ascii=False)
    return output


def unescaped(text: str) -> str:
    """The text with JSON's escapes of single characters decoded."""
    return re.sub(r"\\+u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)


def leaks(output: dict[str, str], canaries: list[str]) -> list[tuple[str, str]]:
    """The outputs that contain a canary, with the canary."""
    return [
        (name, canary)
        for name, text in output.items()
        for canary in canaries
        if canary in text or canary in unquote(html.unescape(text)) or canary in unescaped(text)
    ]


def assign_echoes(world: World, echoes: list[tuple[int, str]]) -> None:
    """Let AvePoint respond with each of these echoes for a customer of its own."""
    customers = [Customer(f"c-{n}", f"C {n}", (Tenant("t", "T", TenantType.GOOGLE, 1, 1),)) for n in range(len(echoes))]
    world.avepoint.directory.replace_all(customers)
    for number, (status, echo) in enumerate(echoes):
        world.avepoint.faults.add(Fault(kind="body", status=status, body=echo, customer_id=f"c-{number}"))
    world.list_customers()


@pytest.mark.parametrize("indexes", [range(24), range(24, 48)], ids=["200 and 400", "403 and 409"])
def test_echoes_of_seat_requests(world: World, indexes: range) -> None:
    """Echoes of the token and the client secret in responses about seats appear in no output."""
    world.configure(
        AVEPOINT_CLIENT_SECRET=SECRET, AVEPOINT_SEATS_CONTRACT="users", TENANT_TYPES="google", LOG_LEVEL="DEBUG"
    )
    token_response = json.dumps({"access_token": TOKEN, "expires_in": 3600})
    world.avepoint.faults.add(Fault(kind="body", endpoint="token", body=token_response))
    assign_echoes(world, [ECHOES[index] for index in indexes])
    output = all_output(world)
    assert "(hidden)" in output["answer"]
    assert "c-1" in output["sheet"]
    assert "problem" in output["output"]
    assert leaks(output, CANARIES) == []


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, json.dumps({"error": "invalid_client", "error_description": f"{SECRET} is wrong"})),
        (400, json.dumps({"error": SECRET})),
        (401, f"client_secret={quote_plus(SECRET)}"),
        (403, f"<html>{SECRET}</html>"),
        (404, SECRET),
        (429, SECRET),
        (200, json.dumps({"access_token": None, "sent": SECRET})),
        (200, SECRET),
    ],
    ids=lambda value: str(value)[:24],
)
def test_echoes_of_token_requests(world: World, monkeypatch: pytest.MonkeyPatch, status: int, body: str) -> None:
    """Echoes of the client secret in responses to token requests appear in no output."""
    monkeypatch.setattr("seat_report.avepoint.tokens.MOST_ATTEMPTS", 1)
    world.configure(AVEPOINT_CLIENT_SECRET=SECRET, LOG_LEVEL="DEBUG")
    world.avepoint.faults.add(Fault(kind="body", endpoint="token", status=status, body=body))
    assign_echoes(world, [(200, "[]")])
    output = all_output(world)
    assert "access token" in output["answer"] or "client" in output["answer"]
    assert leaks(output, CANARIES) == []


def test_secret_that_looks_like_an_error_code(world: World) -> None:
    """An error code is quoted, but not if it is the secret."""
    world.configure(AVEPOINT_CLIENT_SECRET="canary_in_small_letters")
    body = json.dumps({"error": "canary_in_small_letters"})
    world.avepoint.faults.add(Fault(kind="body", endpoint="token", status=400, body=body))
    assign_echoes(world, [(200, "[]")])
    assert leaks(all_output(world), ["canary_in"]) == []


def test_credential_files(world: World, tmp_path: Path) -> None:
    """Neither the content nor the path of a credential's file is revealed, whether it is usable or not."""
    expires = world.clock.now() + timedelta(days=90)
    key = key_pem(rsa_key())
    path = tmp_path / "canary-path.pem"
    world.configure(AVEPOINT_CLIENT_SECRET=None, AVEPOINT_CERTIFICATE_FILE=str(path), LOG_LEVEL="DEBUG")
    assign_echoes(world, [(200, "[]")])
    canaries = ["canary-path", *key.splitlines()[1:5]]
    for content in (certificate_pem(rsa_key(), expires) + key, key, key[:500], "canary-path of a file", ""):
        path.write_text(content)
        output = all_output(world)
        assert leaks(output, canaries) == []
    path.unlink()
    assert leaks(all_output(world), canaries) == []


def test_misplaced_secret(world: World) -> None:
    """A secret in the setting for its file, or in two settings, is not repeated as the found value."""
    changes: dict[str, Any]
    for changes in (
        {"AVEPOINT_CLIENT_SECRET": None, "AVEPOINT_CLIENT_SECRET_FILE": SECRET},
        {"AVEPOINT_CLIENT_SECRET": SECRET, "AVEPOINT_CLIENT_SECRET_FILE": SECRET},
        {"AVEPOINT_CLIENT_SECRET": None, "AVEPOINT_CLIENT_SECRET_FILE": None, "AVEPOINT_CERTIFICATE": SECRET},
        {"AVEPOINT_CERTIFICATE": None, "AVEPOINT_API_URL": f"https://me:{quote_plus(SECRET)}@example.com"},
    ):
        world.configure(**changes)
        response = world.function.post("/")
        assert response.status_code == 500
        assert leaks({"answer": response.get_data(as_text=True)}, CANARIES) == []
