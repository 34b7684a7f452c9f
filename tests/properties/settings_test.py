"""Settings: any environment comes to settings, or to one error: every fault with its remedy, and no secret."""

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

EVERYTHING = CORPUS + HALVES
NAMES = [field.name.upper() for field in fields(Settings)]
GOOD = {
    "SPREADSHEET_ID": "a-spreadsheet",
    "AVEPOINT_CLIENT_ID": "a-client",
    "AVEPOINT_CLIENT_SECRET": "a-client-secret",
}
CANARY = "canary~Secret/8Q+1=="
SECRETS = ["AVEPOINT_CLIENT_SECRET", "AVEPOINT_CERTIFICATE"]
OTHERS = [name for name in NAMES if name not in SECRETS and not name.endswith("_FILE")]

unhurried = settings(max_examples=many(100, 5000))

texts = st.sampled_from([one.text for one in EVERYTHING]) | st.text(st.characters(exclude_categories=[]))
likely = st.sampled_from(
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
# Set by the platform alone.
timeouts = st.sampled_from(["", "0", "1", "60", "3600", "999999999", "x"])
environments = st.builds(
    lambda environment, timeout: {**environment, "CLOUD_RUN_TIMEOUT_SECONDS": timeout},
    st.dictionaries(st.sampled_from([*NAMES, "GOOGLE_CLOUD_PROJECT"]), likely | texts, max_size=10),
    timeouts,
)


def told(environment: dict[str, str]) -> str | None:
    """What is told of the settings' faults, each checked; None if there are none."""
    try:
        credential(load(environment))
    except ConfigurationError as error:
        faults = error.faults
    else:
        return None
    assert faults
    text = ""
    for fault in faults:
        assert set(fault.setting.replace(" / ", " ").split()) <= {*NAMES}
        assert 0 < len(fault.wrong) < 300
        assert 0 < len(fault.remedy) < 300
        assert "README" not in fault.remedy
        assert not fault.remedy.endswith(".")
        text += f"{fault}\n"
    assert text.replace("\n", "").isprintable()
    return text


@unhurried
@given(environments)
def test_any_environment(environment: dict[str, str]) -> None:
    """Any environment comes to settings, or to faults that can be told and mended."""
    told(environment)
    told({**GOOD, **environment})


@unhurried
@given(environments, st.sampled_from(SECRETS))
def test_no_secret_is_told(environment: dict[str, str], name: str) -> None:
    """Whatever else is wrong, what stands in a secret's setting is not told."""
    found = told({**GOOD, **environment, name: CANARY})
    assert CANARY not in (found or "")
    assert "canary" not in (found or "")


@unhurried
@given(st.sets(st.sampled_from(["HISTORY_MONTHS", "AVEPOINT_CONCURRENCY", "TENANT_TYPES", "LOG_LEVEL"]), min_size=1))
def test_every_fault_is_told(names: set[str]) -> None:
    """All that is wrong is told at once."""
    found = told({**GOOD, **dict.fromkeys(names, "tea")})
    assert found
    assert {line.partition(":")[0] for line in found.splitlines()} == names


@pytest.mark.parametrize("hostile", chosen(CORPUS, 50) + HALVES, ids=str)
def test_each_text_in_each_setting(hostile: Hostile) -> None:
    """Each text in each setting is taken, or is a fault of that setting and no other."""
    for name in OTHERS:
        found = told({**GOOD, name: hostile.text})
        # Two tabs of one title are told at the second of them.
        assert found is None or name in found


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
def test_any_file(tmp_path: Path, name: str, content: bytes) -> None:
    """What a credential's file holds is taken, or is a fault that tells neither it nor where it is."""
    path = tmp_path / "canary"
    path.write_bytes(content)
    found = told({"SPREADSHEET_ID": "s", "AVEPOINT_CLIENT_ID": "c", name: str(path)})
    assert "canary" not in (found or "")
    assert "canary" not in (told({"SPREADSHEET_ID": "s", "AVEPOINT_CLIENT_ID": "c", name: str(path / "canary")}) or "")
