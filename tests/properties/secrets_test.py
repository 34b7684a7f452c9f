"""Secrets: a service that echoes what it was sent gets none of it into sheet, page, answer, log or error."""

import base64
import contextlib
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
import structlog

from seat_report.__main__ import main
from tests.emulators.avepoint.data import Customer, Tenant, TenantType
from tests.emulators.avepoint.faults import Fault
from tests.properties.journey import BROWSER
from tests.support.avepoint_client import certificate_pem, key_pem, rsa_key
from tests.support.world import World

SECRET = "canary~Secret/8Q+1=="
TOKEN = "canary.Token_9-Z/x+y=="
# Every form in which they are looked for.
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
    )
]


@pytest.fixture(autouse=True)
def log_as_before() -> Iterator[None]:
    """Logs go to standard error only while the terminal is tested."""
    yield
    structlog.reset_defaults()


def everything(world: World) -> dict[str, str]:
    """All that comes out of the report, whoever asks: answers, pages, health, the terminal, logs, the spreadsheet."""
    out = {}
    with contextlib.redirect_stdout(io.StringIO()) as logged, contextlib.redirect_stderr(io.StringIO()) as errors:
        for name, answer in (
            ("answer", world.function.post("/")),
            ("preview", world.function.post("/?dry_run=1")),
            ("health", world.function.get("/health?deep=1")),
        ):
            out[name] = f"{answer.headers} {answer.get_data(as_text=True)}"
        out["page"] = world.function.post("/", headers=BROWSER).get_data(as_text=True)
        main([])
        main(["--json"])
    out["output"], out["errors"] = logged.getvalue(), errors.getvalue()
    sheets = world.book.fetch_sheet_metadata(params={"includeGridData": "true"})
    out["sheet"] = json.dumps(sheets, ensure_ascii=False)
    return out


def found(out: dict[str, str], canaries: list[str]) -> list[tuple[str, str]]:
    """Where a canary stands, in whatever comes out."""
    return [(name, canary) for name, text in out.items() for canary in canaries if canary in text]


def one_customer_each(world: World, echoes: list[tuple[int, str]]) -> None:
    """Let AvePoint echo each of these about a customer of its own."""
    customers = [Customer(f"c-{n}", f"C {n}", (Tenant("t", "T", TenantType.GOOGLE, 1, 1),)) for n in range(len(echoes))]
    world.avepoint.directory.replace_all(customers)
    for number, (status, echo) in enumerate(echoes):
        world.avepoint.faults.add(Fault(kind="body", status=status, body=echo, customer_id=f"c-{number}"))
    world.list_customers()


@pytest.mark.parametrize("times", [range(20), range(20, 40)], ids=["200 and 400", "403 and 409"])
def test_echoes_about_seats(world: World, times: range) -> None:
    """Whatever echoes the token and the client secret where seats are asked for, neither comes out anywhere."""
    world.configure(
        AVEPOINT_CLIENT_SECRET=SECRET, AVEPOINT_SEATS_CONTRACT="users", TENANT_TYPES="google", LOG_LEVEL="DEBUG"
    )
    given = json.dumps({"access_token": TOKEN, "expires_in": 3600})
    world.avepoint.faults.add(Fault(kind="body", endpoint="token", body=given))
    one_customer_each(world, [ECHOES[index] for index in times])
    out = everything(world)
    assert "(hidden)" in out["answer"]
    assert "c-1" in out["sheet"]
    assert "problem" in out["output"]
    assert found(out, CANARIES) == []


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
def test_echoes_about_tokens(world: World, monkeypatch: pytest.MonkeyPatch, status: int, body: str) -> None:
    """Nor does the secret where a token is asked for and refused."""
    monkeypatch.setattr("seat_report.avepoint.tokens.MOST_ATTEMPTS", 1)
    world.configure(AVEPOINT_CLIENT_SECRET=SECRET, LOG_LEVEL="DEBUG")
    world.avepoint.faults.add(Fault(kind="body", endpoint="token", status=status, body=body))
    one_customer_each(world, [(200, "[]")])
    out = everything(world)
    assert "access token" in out["answer"] or "client" in out["answer"]
    assert found(out, CANARIES) == []


def test_a_secret_that_looks_like_an_error_code(world: World) -> None:
    """An error code is quoted, but not if it is the secret."""
    world.configure(AVEPOINT_CLIENT_SECRET="canary_in_small_letters")
    body = json.dumps({"error": "canary_in_small_letters"})
    world.avepoint.faults.add(Fault(kind="body", endpoint="token", status=400, body=body))
    one_customer_each(world, [(200, "[]")])
    assert found(everything(world), ["canary_in"]) == []


def test_credentials_in_files(world: World, tmp_path: Path) -> None:
    """Neither what a credential's file holds comes out, nor where it is, whether it can be used or not."""
    ends = world.clock.now() + timedelta(days=90)
    key = key_pem(rsa_key())
    path = tmp_path / "canary-path.pem"
    world.configure(AVEPOINT_CLIENT_SECRET=None, AVEPOINT_CERTIFICATE_FILE=str(path), LOG_LEVEL="DEBUG")
    one_customer_each(world, [(200, "[]")])
    canaries = ["canary-path", *key.splitlines()[1:5]]
    for content in (certificate_pem(rsa_key(), ends) + key, key, key[:500], "canary-path of a file", ""):
        path.write_text(content)
        out = everything(world)
        assert found(out, canaries) == []
    path.unlink()
    assert found(everything(world), canaries) == []


def test_a_secret_in_the_wrong_place(world: World) -> None:
    """A secret that somebody put into its file's setting, or twice, is not repeated as what was found."""
    changes: dict[str, Any]
    for changes in (
        {"AVEPOINT_CLIENT_SECRET": None, "AVEPOINT_CLIENT_SECRET_FILE": SECRET},
        {"AVEPOINT_CLIENT_SECRET": SECRET, "AVEPOINT_CLIENT_SECRET_FILE": SECRET},
        {"AVEPOINT_CLIENT_SECRET": None, "AVEPOINT_CLIENT_SECRET_FILE": None, "AVEPOINT_CERTIFICATE": SECRET},
        {"AVEPOINT_CERTIFICATE": None, "AVEPOINT_API_URL": f"https://me:{quote_plus(SECRET)}@example.com"},
    ):
        world.configure(**changes)
        answer = world.function.post("/")
        assert answer.status_code == 500
        assert found({"answer": answer.get_data(as_text=True)}, CANARIES) == []
