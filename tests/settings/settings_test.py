"""Settings: what is taken, what is refused and in which words, and that secrets stay secret."""

import ipaddress
import json
import re
import traceback
from dataclasses import asdict, fields
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seat_report.domain.tenants import TenantType
from seat_report.errors import ConfigurationError, Fault
from seat_report.settings import ENVIRONMENTS, Settings, load

SECRET = "kept-to-itself"
NEEDED = {"SPREADSHEET_ID": "sheet-1", "AVEPOINT_CLIENT_ID": "client-1", "AVEPOINT_CLIENT_SECRET": SECRET}
WITHOUT_CREDENTIAL = {"AVEPOINT_CLIENT_SECRET": ""}
PEM = "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\nUFJJVkFURQ==\n"


def loaded(**changes: str) -> Settings:
    """The settings with these changes to a minimal environment; an empty one is as good as none."""
    return load({**NEEDED, **changes})


def refused(**changes: str) -> ConfigurationError:
    """The error that these changes to a minimal environment end in."""
    with pytest.raises(ConfigurationError) as caught:
        loaded(**changes)
    return caught.value


def only_fault(**changes: str) -> Fault:
    """The one fault that these changes to a minimal environment have."""
    error = refused(**changes)
    (fault,) = error.faults
    assert str(error) == str(fault)
    return fault


def test_defaults_are_those_promised() -> None:
    """With what is required and nothing else, every setting has its documented default."""
    found = asdict(loaded())
    assert {name: value for name, value in found.items() if name.upper() not in NEEDED} == {
        "customers_tab": "Customers",
        "report_tab": "Seat Report",
        "by_customer_tab": "By Customer",
        "history_tab": "History",
        "overview_tab": "Overview",
        "runs_tab": "Runs",
        "tenant_types": tuple(TenantType),
        "avepoint_environment": "commercial",
        "avepoint_api_url": None,
        "avepoint_token_url": None,
        "avepoint_client_secret_file": None,
        "avepoint_certificate": None,
        "avepoint_certificate_file": None,
        "avepoint_credential_expires": None,
        "avepoint_seats_contract": "auto",
        "avepoint_concurrency": 16,
        "avepoint_request_timeout_seconds": 30,
        "run_timeout_seconds": 540,
        "history_months": 24,
        "available_seats_mean": "unassigned",
        "log_level": "INFO",
        "sheets_emulator_host": None,
    }


def test_process_environment_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an environment handed in, the process's own is read."""
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HISTORY_MONTHS", "7")
    assert load().history_months == 7


def test_space_around_is_nothing() -> None:
    """Values are trimmed, and one of spaces alone is as good as unset."""
    found = loaded(SPREADSHEET_ID=" sheet-1\n", REPORT_TAB="  ", AVEPOINT_CLIENT_SECRET=f"{SECRET}\r\n")
    assert (found.spreadsheet_id, found.report_tab) == ("sheet-1", "Seat Report")
    assert found.avepoint_client_secret is not None
    assert found.avepoint_client_secret.reveal() == SECRET


def test_others_are_left_alone() -> None:
    """Whatever else stands in the environment is no setting, nor is one of ours in lower case."""
    assert loaded(PATH="/bin", SEAT_REPORT_TAB="x", history_months="-1") == loaded()


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
def test_what_is_taken(name: str, value: str, expected: object) -> None:
    """Settings are typed, whatever the case in which a choice is written."""
    assert getattr(loaded(**{name: value}), name.lower()) == expected


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
def test_what_is_refused(name: str, value: str, expected: str) -> None:
    """A wrong setting names itself, says what was found and what is expected, and what to do."""
    fault = only_fault(**{name: value})
    assert fault.setting == name
    assert repr(value.strip()) in fault.wrong or f"found {value.strip().split(',')[-1]!r}" in fault.wrong
    assert expected in str(fault)
    assert fault.remedy


@pytest.mark.parametrize("name", ["SPREADSHEET_ID", "AVEPOINT_CLIENT_ID"])
def test_required(name: str) -> None:
    """A missing setting is named, with what it should hold."""
    fault = only_fault(**{name: ""})
    assert (fault.setting, fault.wrong) == (name, "it is required and not set")


def test_all_faults_at_once() -> None:
    """Everything that is wrong is told in one go, so that nobody deploys again for each of them."""
    error = refused(
        SPREADSHEET_ID="",
        AVEPOINT_API_URL="ftp://example.com",
        HISTORY_MONTHS="many",
        RUNS_TAB="history",
        **WITHOUT_CREDENTIAL,
    )
    told = {fault.setting for fault in error.faults}
    assert told == {"AVEPOINT_API_URL", "AVEPOINT_CLIENT_SECRET", "HISTORY_MONTHS", "RUNS_TAB", "SPREADSHEET_ID"}
    assert len(error.faults) == len(told)
    assert all(str(fault) in str(error) for fault in error.faults)


@pytest.mark.parametrize(
    "address",
    [
        "1AbC_d-9",
        "https://docs.google.com/spreadsheets/d/1AbC_d-9",
        "https://docs.google.com/spreadsheets/d/1AbC_d-9/edit?gid=0#gid=0",
        "https://docs.google.com/spreadsheets/u/1/d/1AbC_d-9/edit",
    ],
)
def test_spreadsheet_by_id_or_address(address: str) -> None:
    """The spreadsheet may be given by its id or by the address that a browser shows."""
    assert loaded(SPREADSHEET_ID=address).spreadsheet_id == "1AbC_d-9"


@pytest.mark.parametrize("name", ["AVEPOINT_API_URL", "AVEPOINT_TOKEN_URL"])
@pytest.mark.parametrize(
    ("address", "taken"),
    [
        ("https://api.example.com/", "https://api.example.com"),
        ("https://api.example.com:8443/graph//", "https://api.example.com:8443/graph"),
        ("http://localhost:8081", "http://localhost:8081"),
        ("http://127.0.0.1:8081/v1", "http://127.0.0.1:8081/v1"),
        ("http://[::1]:8081", "http://[::1]:8081"),
    ],
)
def test_addresses_taken(name: str, address: str, taken: str) -> None:
    """Addresses are https, or http to this machine, and lose the slash at their end."""
    found = loaded(**{name: address})
    assert (found.api_url if name == "AVEPOINT_API_URL" else found.token_url) == taken


@pytest.mark.parametrize("name", ["AVEPOINT_API_URL", "AVEPOINT_TOKEN_URL"])
@pytest.mark.parametrize(
    "address",
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
def test_addresses_refused(name: str, address: str) -> None:
    """Nothing is sent in the clear to another machine, and what can't be an address is said to be none."""
    fault = only_fault(**{name: address})
    assert fault.setting == name
    assert "expected an https:// address" in fault.wrong or "can't be read" in fault.wrong


@pytest.mark.parametrize(
    "address",
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
def test_address_with_a_key_in_it(address: str) -> None:
    """An address is refused for what could be a password or a key, which is not repeated, or for a mark before one."""
    fault = only_fault(AVEPOINT_API_URL=address)
    assert fault.wrong.endswith("expected one without")
    assert "pa55word" not in str(fault)


@given(st.ip_addresses())
def test_http_to_loopback_only(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    """Of all IP addresses, plain http is taken to those of this machine alone."""
    host = f"[{address}]" if address.version == 6 else str(address)
    try:
        load({**NEEDED, "AVEPOINT_TOKEN_URL": f"http://{host}:8080"})
    except ConfigurationError:
        assert not address.is_loopback
    else:
        assert address.is_loopback


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_environments(environment: str) -> None:
    """Each environment has addresses of its own, and overriding one leaves the other."""
    token_url, api_url = ENVIRONMENTS[environment]
    assert loaded(AVEPOINT_ENVIRONMENT=environment).api_url == api_url
    found = loaded(AVEPOINT_ENVIRONMENT=environment, AVEPOINT_API_URL="https://proxy.example.com")
    assert (found.token_url, found.api_url) == (token_url, "https://proxy.example.com")


@pytest.mark.parametrize(
    ("platform", "own", "expected"),
    [
        ("3600", "", 3570),
        ("40", "", 20),
        ("300", "1000", 1000),
        ("soon", "", 540),
        ("9" * 400, "", 540),
        ("-300", "", 540),
    ],
)
def test_run_ends_before_the_platform_ends_it(platform: str, own: str, expected: float) -> None:
    """The run's time is the platform's less a margin, unless it is set."""
    found = loaded(CLOUD_RUN_TIMEOUT_SECONDS=platform, RUN_TIMEOUT_SECONDS=own)
    assert found.run_timeout_seconds == expected


def test_platform_gives_too_little_time() -> None:
    """A time-out of the platform that leaves no time for a run is refused with the time that was found."""
    fault = only_fault(CLOUD_RUN_TIMEOUT_SECONDS="8")
    assert fault.setting == "RUN_TIMEOUT_SECONDS"
    assert "found '4'" in fault.wrong


def test_equal_titles() -> None:
    """No two tabs may share a title, whatever its case, a default included; each is told with the other."""
    error = refused(REPORT_TAB="ÜBERSICHT", OVERVIEW_TAB="übersicht", RUNS_TAB="customers")
    assert [fault.setting for fault in error.faults] == ["OVERVIEW_TAB", "RUNS_TAB"]
    assert "'übersicht', which REPORT_TAB is called too" in error.faults[0].wrong
    assert "'customers', which CUSTOMERS_TAB is called too" in error.faults[1].wrong


def test_longest_title() -> None:
    """A title as long as Google allows is taken, a longer one is not."""
    assert len(loaded(RUNS_TAB="x" * 100).runs_tab) == 100
    assert "101 characters" in only_fault(RUNS_TAB="x" * 101).wrong


@pytest.mark.parametrize("client_id", ["two words", "line\nbreak", "zero\u200bwidth", "x" * 257])
def test_client_id_that_can_be_none(client_id: str) -> None:
    """A client id with spaces or invisible characters, or beyond measure, is refused."""
    assert only_fault(AVEPOINT_CLIENT_ID=client_id).setting == "AVEPOINT_CLIENT_ID"


def test_credential_from_a_file(tmp_path: Path) -> None:
    """A credential may come from a file, whose last line break is not part of it."""
    secret, certificate = tmp_path / "secret", tmp_path / "certificate.pem"
    secret.write_text(f"{SECRET}\n", encoding="utf-8")
    certificate.write_text(PEM, encoding="utf-8")
    found = loaded(AVEPOINT_CLIENT_SECRET_FILE=str(secret), **WITHOUT_CREDENTIAL)
    assert found.avepoint_client_secret is not None
    assert found.avepoint_client_secret.reveal() == SECRET
    found = loaded(AVEPOINT_CERTIFICATE_FILE=str(certificate), **WITHOUT_CREDENTIAL)
    assert found.avepoint_certificate is not None
    assert found.avepoint_certificate.reveal() == PEM.strip()


def test_no_credential() -> None:
    """Without a credential, the four ways to give one are listed."""
    fault = only_fault(**WITHOUT_CREDENTIAL)
    assert fault.wrong == "found no credential"
    for name in ("CLIENT_SECRET", "CLIENT_SECRET_FILE", "CERTIFICATE", "CERTIFICATE_FILE"):
        assert f"AVEPOINT_{name}" in fault.remedy


def test_several_credentials() -> None:
    """Of several credentials none is preferred: they are named, without what they hold."""
    error = refused(AVEPOINT_CERTIFICATE=PEM, AVEPOINT_CERTIFICATE_FILE="/nowhere")
    (fault,) = error.faults
    assert fault.setting == "AVEPOINT_CLIENT_SECRET / AVEPOINT_CERTIFICATE / AVEPOINT_CERTIFICATE_FILE"
    assert fault.wrong == "found several"
    assert_tells_nothing(error)


@pytest.mark.parametrize("name", ["AVEPOINT_CLIENT_SECRET_FILE", "AVEPOINT_CERTIFICATE_FILE"])
@pytest.mark.parametrize(
    ("content", "wrong"),
    [("none", "No such file"), ("folder", "is a directory"), (b" \n", "empty"), (b"\xff\xfe\x00", "not text")],
)
def test_file_that_is_no_use(tmp_path: Path, name: str, content: bytes | str, wrong: str) -> None:
    """A file that is missing, a folder, empty or no text is a fault of the setting that names it."""
    (tmp_path / "folder").mkdir()
    if isinstance(content, bytes):
        (tmp_path / "file").write_bytes(content)
    file = tmp_path / ("file" if isinstance(content, bytes) else content)
    fault = only_fault(**{name: str(file)}, **WITHOUT_CREDENTIAL)
    assert fault.setting == name
    assert wrong.casefold() in fault.wrong.casefold()


@pytest.mark.parametrize("name", ["AVEPOINT_CLIENT_SECRET_FILE", "AVEPOINT_CERTIFICATE_FILE"])
@pytest.mark.parametrize("credential", [SECRET, PEM, f"{SECRET}\0", SECRET * 500])
def test_credential_in_its_files_place(name: str, credential: str) -> None:
    """Who gives the credential itself instead of its file's path does not find it in logs and answers."""
    error = refused(**{name: credential}, **WITHOUT_CREDENTIAL)
    assert error.faults[0].setting == name
    assert_tells_nothing(error)


def assert_tells_nothing(error: BaseException) -> None:
    """Neither the error nor any that it is chained to, shown in whatever way, has a secret in it."""
    assert error.__cause__ is None
    assert error.__context__ is None
    shown = "".join([repr(error), *traceback.format_exception(error), repr(getattr(error, "faults", ()))])
    for secret in (SECRET, "PRIVATE KEY", "UFJJVkFURQ"):
        assert secret not in shown


@pytest.mark.parametrize("credential", ["AVEPOINT_CLIENT_SECRET", "AVEPOINT_CERTIFICATE"])
def test_other_faults_tell_no_secret(credential: str) -> None:
    """What is wrong elsewhere is told without the secret that was found beside it."""
    value = SECRET if credential == "AVEPOINT_CLIENT_SECRET" else PEM
    changes = {**WITHOUT_CREDENTIAL, credential: value, "HISTORY_MONTHS": "x", "AVEPOINT_API_URL": "http://a.b"}
    error = refused(**changes)
    assert len(error.faults) == 2
    assert_tells_nothing(error)


def test_settings_show_no_secret() -> None:
    """However settings are turned into text, the secret is not in it."""
    found = loaded()
    told = asdict(found)
    for shown in (repr(found), str(found), f"{told}", f"{found!r:>9}", json.dumps(told, default=str)):
        assert SECRET not in shown


def test_settings_are_compared_with_their_secret() -> None:
    """Settings that differ in the secret alone are different ones, so that a new one is noticed."""
    assert loaded() == loaded()
    assert loaded() != loaded(AVEPOINT_CLIENT_SECRET="another")


def test_every_fault_says_what_to_do() -> None:
    """Whatever setting is wrong, its fault names what to give instead."""
    wrong = dict.fromkeys((field.name.upper() for field in fields(Settings)), "\0" * 300)
    with pytest.raises(ConfigurationError) as caught:
        load(wrong)
    for fault in caught.value.faults:
        assert re.match("Give|Correct|Set|Use|Put", fault.remedy), fault


@given(st.dictionaries(st.sampled_from([field.name.upper() for field in fields(Settings)]), st.text()))
def test_any_text_is_taken_or_refused(environment: dict[str, str]) -> None:
    """Whatever is set to whatever: settings come of it, or one error that tells every setting that is wrong."""
    try:
        load(environment)
    except ConfigurationError as error:
        told = [name for fault in error.faults for name in fault.setting.split(" / ")]
        assert len(told) == len(set(told))
        assert set(told) <= {field.name.upper() for field in fields(Settings)}
