"""Parsers of settings: which texts are accepted, which are refused, and the messages of the refusals."""

from datetime import date

import pytest

from seat_report.domain.tenants import TenantType
from tests.support.environment import load_with, only_fault


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("TENANT_TYPES", "3, Microsoft 365,,3", (TenantType.MICROSOFT_365, TenantType.DYNAMICS_365)),
        ("AVEPOINT_ENVIRONMENT", "US-Government", "us-government"),
        ("AVEPOINT_SEATS_CONTRACT", "Tenants-Batch", "tenants-batch"),
        ("AVEPOINT_CREDENTIAL_EXPIRES", "2027-02-28", date(2027, 2, 28)),
        ("AVEPOINT_CONCURRENCY", "1", 1),
        ("AVEPOINT_REQUEST_TIMEOUT_SECONDS", "0.5", 0.5),
        ("HISTORY_MONTHS", "120", 120),
        ("AVAILABLE_SEATS_MEAN", "ALL", "all"),
        ("OVERVIEW_TAB", "Übersicht 'Plätze'", "Übersicht 'Plätze'"),
        ("SHEETS_EMULATOR_HOST", "localhost:8080", "localhost:8080"),
        ("SHEETS_EMULATOR_HOST", "http://127.0.0.1:9000/", "127.0.0.1:9000"),
        ("SHEETS_EMULATOR_HOST", "[::1]:80", "[::1]:80"),
    ],
)
def test_accepted(name: str, value: str, expected: object) -> None:
    """Settings are typed, and choices are case-insensitive."""
    assert getattr(load_with(**{name: value}), name.lower()) == expected


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("SPREADSHEET_ID", "not an id", "neither an id nor the address"),
        ("SPREADSHEET_ID", "https://example.com/spreadsheets/d/abc", "neither an id nor the address"),
        ("SPREADSHEET_ID", "http://docs.google.com/spreadsheets/d/abc", "neither an id nor the address"),
        ("SPREADSHEET_ID", "https://docs.google.com/spreadsheets/d/e/2PACX-1v/pubhtml", "neither an id nor"),
        ("TENANT_TYPES", "microsoft-365,sharepoint", "microsoft-365 (0), salesforce (1), google (2), dynamics-365 (3)"),
        ("TENANT_TYPES", "4", "microsoft-365 (0)"),
        ("TENANT_TYPES", " , ", "at least one tenant type"),
        ("AVEPOINT_ENVIRONMENT", "moon", "'commercial', 'us-government', 'aos2' or 'fedramp'"),
        ("AVEPOINT_CREDENTIAL_EXPIRES", "31.12.2026", "YYYY-MM-DD"),
        ("AVEPOINT_CREDENTIAL_EXPIRES", "1798675200", "YYYY-MM-DD"),
        ("AVEPOINT_SEATS_CONTRACT", "v2", "'auto', 'users' or 'tenants-batch'"),
        ("AVEPOINT_CONCURRENCY", "0", "a whole number from 1 to 128"),
        ("AVEPOINT_CONCURRENCY", "{many}", "a whole number"),
        ("AVEPOINT_REQUEST_TIMEOUT_SECONDS", "0", "from 0.01 to 600"),
        ("AVEPOINT_REQUEST_TIMEOUT_SECONDS", "nan", "expected"),
        ("AVEPOINT_REQUEST_TIMEOUT_SECONDS", "inf", "from 0.01 to 600"),
        ("RUN_TIMEOUT_SECONDS", "4.9", "a number of seconds from 5 to 3600"),
        ("RUN_TIMEOUT_SECONDS", "1h", "a number of seconds"),
        ("HISTORY_MONTHS", "1.5", "a whole number from 1 to 120"),
        ("AVAILABLE_SEATS_MEAN", "left", "'unassigned' or 'all'"),
        ("LOG_LEVEL", "chatty", "'DEBUG', 'INFO', 'WARNING', 'ERROR' or 'CRITICAL'"),
        ("SHEETS_EMULATOR_HOST", "localhost", "host:port"),
        ("SHEETS_EMULATOR_HOST", "localhost:65536", "host:port"),
        ("SHEETS_EMULATOR_HOST", "sheets.example.com:80", "a host on this machine"),
        ("SHEETS_EMULATOR_HOST", "0.0.0.0:80", "a host on this machine"),
    ],
)
def test_refused(name: str, value: str, expected: str) -> None:
    """The fault of a wrong setting says which it is, what was found, what is expected and what to do."""
    fault = only_fault(**{name: value})
    assert fault.setting == name
    assert repr(value.strip()) in fault.wrong or repr(value.strip().split(",")[-1]) in fault.wrong
    assert expected in str(fault)
    assert fault.remedy


@pytest.mark.parametrize(
    "url",
    [
        "1AbC_d-9",
        "https://docs.google.com/spreadsheets/d/1AbC_d-9",
        "https://docs.google.com/spreadsheets/d/1AbC_d-9/edit?gid=0#gid=0",
        "https://docs.google.com/spreadsheets/u/1/d/1AbC_d-9/edit",
    ],
)
def test_spreadsheet_id(url: str) -> None:
    """The spreadsheet may be given as its id or as the address that a browser shows."""
    assert load_with(SPREADSHEET_ID=url).spreadsheet_id == "1AbC_d-9"


@pytest.mark.parametrize("name", ["AVEPOINT_API_URL", "AVEPOINT_TOKEN_URL"])
@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.example.com/", "https://api.example.com"),
        ("https://api.example.com:8443/graph//", "https://api.example.com:8443/graph"),
        ("http://localhost:8081", "http://localhost:8081"),
        ("http://127.0.0.1:8081/v1", "http://127.0.0.1:8081/v1"),
        ("http://[::1]:8081", "http://[::1]:8081"),
    ],
)
def test_accepted_urls(name: str, url: str, expected: str) -> None:
    """URLs are https, or http to this machine, and lose trailing slashes."""
    settings = load_with(**{name: url})
    assert (settings.api_url if name == "AVEPOINT_API_URL" else settings.token_url) == expected


@pytest.mark.parametrize("name", ["AVEPOINT_API_URL", "AVEPOINT_TOKEN_URL"])
@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com",
        "http://127.0.0.1.example.com",
        "http://0.0.0.0:80",
        "http://2130706433",
        "ftp://localhost",
        "file:///etc/passwd",
        "localhost:8080",
        "https://",
        "https://[::1",
        "https://api.example.com:99999",
    ],
)
def test_refused_urls(name: str, url: str) -> None:
    """Plain http to another machine and invalid URLs are refused."""
    fault = only_fault(**{name: url})
    assert fault.setting == name
    assert "expected an https:// address" in fault.wrong or "can't be read" in fault.wrong


@pytest.mark.parametrize(
    "url",
    [
        "https://me:pa55word@api.example.com",
        "https://:pa55word@api.example.com",
        "http://127.0.0.1@pa55word.example.com",
        "https://api.example.com?key=pa55word",
        "https://api.example.com/#pa55word",
        "https://api.example.com/ pa55word",
        "me:pa55word@api.example.com",
        "https://api.example.com?",
        "https://api.example.com/#",
    ],
)
def test_url_with_a_credential(url: str) -> None:
    """A URL with a possible password or key, or a delimiter before one, is refused without being repeated."""
    fault = only_fault(AVEPOINT_API_URL=url)
    assert fault.wrong.endswith("expected one without")
    assert "pa55word" not in str(fault)


def test_longest_title() -> None:
    """A title as long as Google allows is accepted, a longer one is not."""
    assert len(load_with(RUNS_TAB="x" * 100).runs_tab) == 100
    assert "101 characters" in only_fault(RUNS_TAB="x" * 101).wrong


@pytest.mark.parametrize("client_id", ["two words", "line\nbreak", "zero\u200bwidth", "x" * 257])
def test_invalid_client_id(client_id: str) -> None:
    """A client id that is too long or has spaces or invisible characters is refused."""
    assert only_fault(AVEPOINT_CLIENT_ID=client_id).setting == "AVEPOINT_CLIENT_ID"
