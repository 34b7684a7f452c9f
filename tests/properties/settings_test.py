"""Settings: any environment yields settings, or one error that lists every fault with its remedy and no secret."""

import ipaddress
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seat_report.avepoint.credentials import credential
from seat_report.errors import ConfigurationError
from seat_report.settings import Settings, load
from tests.proof.sampling import chosen, many
from tests.properties.corpus import CORPUS, HALVES, Hostile
from tests.support.environment import MINIMAL, load_with

HOSTILE_TEXTS = CORPUS + HALVES
NAMES = [field.name.upper() for field in fields(Settings)]
CANARY = "canary~Secret/8Q+1=="
SECRETS = ["AVEPOINT_CLIENT_SECRET", "AVEPOINT_CERTIFICATE", "NOTIFY_WEBHOOK_URL"]
PUBLIC_SETTINGS = [name for name in NAMES if name not in SECRETS and not name.endswith("_FILE")]

many_examples = settings(max_examples=many(50, 5000))

texts = st.sampled_from([one.text for one in HOSTILE_TEXTS]) | st.text(st.characters(exclude_categories=[]))
likely_values = st.sampled_from(
    [
        *(
            "1",
            "16",
            "0",
            "-1",
            "1.5",
            "9" * 5000,
            "1e3",
            "nan",
            "inf",
            "١٦",
            "0x10",
            " 7 ",
            "+7",
            "1_000",
            "1,5",
            "true",
        ),
        *("commercial", "FEDRAMP", "auto", "users", "all", "debug", "google,salesforce", "0,1", ",", "google,"),
        *(
            "https://example.com",
            "http://localhost:1",
            "http://127.0.0.1:99999",
            "http://[::1]:8",
            "https://[",
            "https://",
        ),
        *(
            "https://user:pass@example.com",
            "https://example.com/?key=pass",
            "ftp://example.com",
            "localhost:8080",
            ":1",
        ),
        *("2026-11-23", "2026-02-30", "20261123", "0001-01-01", "9999-12-31", "-----BEGIN PRIVATE KEY-----", "/", "."),
        *("/dev/null", "/nonexistent", "/etc", "a\x00b", "Customers", "customers", "Runs"),
    ]
)
# Set only by the platform.
platform_timeouts = st.sampled_from(["", "0", "1", "60", "3600", "999999999", "x"])
environments = st.builds(
    lambda environment, timeout: {**environment, "CLOUD_RUN_TIMEOUT_SECONDS": timeout},
    st.dictionaries(st.sampled_from([*NAMES, "GOOGLE_CLOUD_PROJECT"]), likely_values | texts, max_size=10),
    platform_timeouts,
)


def fault_report(environment: dict[str, str]) -> str | None:
    """The faults of the environment, each checked, as one text; None if there are none."""
    try:
        credential(load(environment))
    except ConfigurationError as error:
        faults = error.faults
    else:
        return None
    assert faults
    settings_at_fault = [name for fault in faults for name in fault.setting.split(" / ")]
    assert set(settings_at_fault) <= {*NAMES}
    assert len(settings_at_fault) == len(set(settings_at_fault))
    text = ""
    for fault in faults:
        assert 0 < len(fault.wrong) < 300
        assert 0 < len(fault.remedy) < 300
        assert "README" not in fault.remedy
        assert not fault.remedy.endswith(".")
        text += f"{fault}\n"
    assert text.replace("\n", "").isprintable()
    return text


@many_examples
@given(environments)
def test_any_environment(environment: dict[str, str]) -> None:
    """Any environment yields settings, or faults that can be shown and fixed."""
    fault_report(environment)
    fault_report({**MINIMAL, **environment})


@many_examples
@given(environments, st.sampled_from(SECRETS))
def test_no_secret_is_revealed(environment: dict[str, str], name: str) -> None:
    """Whatever else is wrong, the value of a secret's setting is not revealed."""
    report = fault_report({**MINIMAL, **environment, name: CANARY})
    assert CANARY not in (report or "")
    assert "canary" not in (report or "")


@many_examples
@given(st.sets(st.sampled_from(["HISTORY_MONTHS", "AVEPOINT_CONCURRENCY", "TENANT_TYPES", "LOG_LEVEL"]), min_size=1))
def test_every_fault_is_reported(names: set[str]) -> None:
    """All faults are reported together."""
    report = fault_report({**MINIMAL, **dict.fromkeys(names, "tea")})
    assert report
    assert {line.partition(":")[0] for line in report.splitlines()} == names


@given(st.ip_addresses())
def test_http_to_loopback_only(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    """Of all IP addresses, plain http is accepted only to those of this machine."""
    host = f"[{address}]" if address.version == 6 else str(address)
    try:
        load_with(AVEPOINT_TOKEN_URL=f"http://{host}:8080")
    except ConfigurationError:
        assert not address.is_loopback
    else:
        assert address.is_loopback


@pytest.mark.parametrize("hostile", chosen(CORPUS, 25) + HALVES, ids=str)
def test_each_text_in_each_setting(hostile: Hostile) -> None:
    """Each text in each setting is accepted, or is a fault of that setting."""
    for name in PUBLIC_SETTINGS:
        report = fault_report({**MINIMAL, name: hostile.text})
        # Of two tabs with the same title, the second is at fault.
        assert report is None or name in report


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b" \n",
        b"\xff\xfe\xfa",
        b"\x00",
        CANARY.encode() + b"\xff",
        b"-----BEGIN CERTIFICATE-----\n" + CANARY.encode(),
    ],
    ids=repr,
)
@pytest.mark.parametrize("name", ["AVEPOINT_CLIENT_SECRET_FILE", "AVEPOINT_CERTIFICATE_FILE"])
def test_any_credential_file(tmp_path: Path, name: str, content: bytes) -> None:
    """The content of a credential's file is accepted, or is a fault that reveals neither the content nor the path."""
    path = tmp_path / "canary"
    path.write_bytes(content)
    report = fault_report({"SPREADSHEET_ID": "s", "AVEPOINT_CLIENT_ID": "c", name: str(path)})
    assert "canary" not in (report or "")
    assert "canary" not in (
        fault_report({"SPREADSHEET_ID": "s", "AVEPOINT_CLIENT_ID": "c", name: str(path / "canary")}) or ""
    )
