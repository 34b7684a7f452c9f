"""Settings: defaults, required settings, faults, and how the run's time limit follows the platform's."""

import re
from dataclasses import asdict, fields

import pytest

from seat_report.domain.tenants import TenantType
from seat_report.errors import ConfigurationError
from seat_report.settings import ENVIRONMENTS, Settings, load
from tests.support.environment import CLIENT_SECRET, MINIMAL, WITHOUT_CREDENTIAL, faults_of, load_with, only_fault


def test_defaults() -> None:
    """With only the required settings, every other setting has its documented default."""
    settings = asdict(load_with())
    assert {name: value for name, value in settings.items() if name.upper() not in MINIMAL} == {
        "customers_tab": "Customers",
        "report_tab": "Seat Report",
        "by_customer_tab": "By Customer",
        "billing_tab": "Billing",
        "history_tab": "History",
        "overview_tab": "Overview",
        "not_listed_tab": "Not Listed",
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
        "billing_basis": "month-end",
        "billing_tolerance": 0,
        "purchased_seats": False,
        "find_customers": False,
        "notify_webhook_url": None,
        "notify_webhook_url_file": None,
        "check_spreadsheet_id": None,
        "log_level": "INFO",
        "sheets_emulator_host": None,
    }


def test_process_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an environment as an argument, the process's own is read."""
    for name, value in MINIMAL.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HISTORY_MONTHS", "7")
    assert load().history_months == 7


def test_values_are_trimmed() -> None:
    """Values are trimmed, and a blank one is the same as an unset one."""
    settings = load_with(SPREADSHEET_ID=" sheet-1\n", REPORT_TAB="  ", AVEPOINT_CLIENT_SECRET=f"{CLIENT_SECRET}\r\n")
    assert (settings.spreadsheet_id, settings.report_tab) == ("sheet-1", "Seat Report")
    assert settings.avepoint_client_secret is not None
    assert settings.avepoint_client_secret.reveal() == CLIENT_SECRET


def test_other_variables_are_ignored() -> None:
    """Other variables in the environment are ignored, as are settings in lower case."""
    assert load_with(PATH="/bin", SEAT_REPORT_TAB="x", history_months="-1") == load_with()


@pytest.mark.parametrize("name", ["SPREADSHEET_ID", "AVEPOINT_CLIENT_ID"])
def test_required(name: str) -> None:
    """A missing required setting is named."""
    fault = only_fault(**{name: ""})
    assert (fault.setting, fault.wrong) == (name, "it is required and not set")


def test_all_faults_are_reported() -> None:
    """All faults are reported together, so that nobody has to deploy once per fault."""
    error = faults_of(
        SPREADSHEET_ID="",
        AVEPOINT_API_URL="ftp://example.com",
        HISTORY_MONTHS="many",
        RUNS_TAB="history",
        **WITHOUT_CREDENTIAL,
    )
    reported = {fault.setting for fault in error.faults}
    assert reported == {"AVEPOINT_API_URL", "AVEPOINT_CLIENT_SECRET", "HISTORY_MONTHS", "RUNS_TAB", "SPREADSHEET_ID"}
    assert len(error.faults) == len(reported)
    assert all(str(fault) in str(error) for fault in error.faults)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_environments(environment: str) -> None:
    """Each environment has its own addresses, and overriding one keeps the other."""
    token_url, api_url = ENVIRONMENTS[environment]
    assert load_with(AVEPOINT_ENVIRONMENT=environment).api_url == api_url
    settings = load_with(AVEPOINT_ENVIRONMENT=environment, AVEPOINT_API_URL="https://proxy.example.com")
    assert (settings.token_url, settings.api_url) == (token_url, "https://proxy.example.com")


@pytest.mark.parametrize(
    ("platform", "setting", "expected"),
    [
        ("3600", "", 3570),
        ("40", "", 20),
        ("300", "1000", 1000),
        ("soon", "", 540),
        ("9" * 400, "", 540),
        ("-300", "", 540),
    ],
)
def test_run_timeout_follows_the_platform(platform: str, setting: str, expected: float) -> None:
    """The run's time limit is the platform's less a margin, unless it is set."""
    settings = load_with(CLOUD_RUN_TIMEOUT_SECONDS=platform, RUN_TIMEOUT_SECONDS=setting)
    assert settings.run_timeout_seconds == expected


def test_platform_timeout_too_short() -> None:
    """A platform timeout that leaves no time for a run is refused with the resulting time."""
    fault = only_fault(CLOUD_RUN_TIMEOUT_SECONDS="8")
    assert fault.setting == "RUN_TIMEOUT_SECONDS"
    assert "found '4'" in fault.wrong


def test_duplicate_titles() -> None:
    """No two tabs may share a title, ignoring case, defaults included; the fault names both settings."""
    error = faults_of(REPORT_TAB="ÜBERSICHT", OVERVIEW_TAB="übersicht", RUNS_TAB="customers")
    assert [fault.setting for fault in error.faults] == ["OVERVIEW_TAB", "RUNS_TAB"]
    assert "'übersicht', which REPORT_TAB is called too" in error.faults[0].wrong
    assert "'customers', which CUSTOMERS_TAB is called too" in error.faults[1].wrong


def test_a_refused_title_is_compared_with_none() -> None:
    """It has one fault, and its tab's default title is free for another tab."""
    fault = only_fault(REPORT_TAB="x" * 101, OVERVIEW_TAB="Seat Report")
    assert fault.setting == "REPORT_TAB"
    assert [fault.setting for fault in faults_of(REPORT_TAB="x" * 101, RUNS_TAB="History").faults] == [
        "REPORT_TAB",
        "RUNS_TAB",
    ]


def test_equality_includes_the_secret() -> None:
    """Settings that differ only in the secret are different, so that a rotated secret is noticed."""
    assert load_with() == load_with()
    assert load_with() != load_with(AVEPOINT_CLIENT_SECRET="another")


def test_every_fault_has_a_remedy() -> None:
    """The fault of every setting says what to do."""
    environment = dict.fromkeys((field.name.upper() for field in fields(Settings)), "\0" * 300)
    with pytest.raises(ConfigurationError) as caught:
        load(environment)
    for fault in caught.value.faults:
        assert re.match("Give|Correct|Set|Use|Put", fault.remedy), fault
