"""Secrets: where a credential may come from, and that neither settings nor faults reveal it."""

import json
import traceback
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.support.environment import CLIENT_SECRET, WITHOUT_CREDENTIAL, faults_of, load_with, only_fault

PEM = "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\nUFJJVkFURQ==\n"


def assert_reveals_no_secret(error: BaseException) -> None:
    """Neither the error nor any chained error contains a secret, however it is formatted."""
    assert error.__cause__ is None
    assert error.__context__ is None
    text = "".join([repr(error), *traceback.format_exception(error), repr(getattr(error, "faults", ()))])
    for secret in (CLIENT_SECRET, "PRIVATE KEY", "UFJJVkFURQ"):
        assert secret not in text


def test_credential_from_a_file(tmp_path: Path) -> None:
    """A credential may come from a file; a trailing line break is not part of it."""
    secret_file, certificate_file = tmp_path / "secret", tmp_path / "certificate.pem"
    secret_file.write_text(f"{CLIENT_SECRET}\n", encoding="utf-8")
    certificate_file.write_text(PEM, encoding="utf-8")
    settings = load_with(AVEPOINT_CLIENT_SECRET_FILE=str(secret_file), **WITHOUT_CREDENTIAL)
    assert settings.avepoint_client_secret is not None
    assert settings.avepoint_client_secret.reveal() == CLIENT_SECRET
    settings = load_with(AVEPOINT_CERTIFICATE_FILE=str(certificate_file), **WITHOUT_CREDENTIAL)
    assert settings.avepoint_certificate is not None
    assert settings.avepoint_certificate.reveal() == PEM.strip()


def test_no_credential() -> None:
    """Without a credential, the fault lists the four settings that can hold one."""
    fault = only_fault(**WITHOUT_CREDENTIAL)
    assert fault.wrong == "found no credential"
    for name in ("CLIENT_SECRET", "CLIENT_SECRET_FILE", "CERTIFICATE", "CERTIFICATE_FILE"):
        assert f"AVEPOINT_{name}" in fault.remedy


def test_several_credentials() -> None:
    """Several credentials are a fault that names their settings, not their values."""
    error = faults_of(AVEPOINT_CERTIFICATE=PEM, AVEPOINT_CERTIFICATE_FILE="/nowhere")
    (fault,) = error.faults
    assert fault.setting == "AVEPOINT_CLIENT_SECRET / AVEPOINT_CERTIFICATE / AVEPOINT_CERTIFICATE_FILE"
    assert fault.wrong == "found several"
    assert_reveals_no_secret(error)


@pytest.mark.parametrize("name", ["AVEPOINT_CLIENT_SECRET_FILE", "AVEPOINT_CERTIFICATE_FILE"])
@pytest.mark.parametrize(
    ("content", "wrong"),
    [("none", "No such file"), ("folder", "is a directory"), (b" \n", "empty"), (b"\xff\xfe\x00", "not text")],
)
def test_unusable_file(tmp_path: Path, name: str, content: bytes | str, wrong: str) -> None:
    """A file that is missing, a folder, empty or not text is a fault of the setting that names it."""
    (tmp_path / "folder").mkdir()
    if isinstance(content, bytes):
        (tmp_path / "file").write_bytes(content)
    file = tmp_path / ("file" if isinstance(content, bytes) else content)
    fault = only_fault(**{name: str(file)}, **WITHOUT_CREDENTIAL)
    assert fault.setting == name
    assert wrong.casefold() in fault.wrong.casefold()


@pytest.mark.parametrize("name", ["AVEPOINT_CLIENT_SECRET_FILE", "AVEPOINT_CERTIFICATE_FILE"])
@pytest.mark.parametrize("credential", [CLIENT_SECRET, PEM, f"{CLIENT_SECRET}\0", CLIENT_SECRET * 500])
def test_credential_instead_of_its_path(name: str, credential: str) -> None:
    """A credential given instead of the path of its file is not revealed."""
    error = faults_of(**{name: credential}, **WITHOUT_CREDENTIAL)
    assert error.faults[0].setting == name
    assert_reveals_no_secret(error)


INVISIBLE = [
    ("\ufeff", "U+FEFF, byte order mark"),
    ("\0", "U+0000, NUL"),
    ("\u200b", "U+200B, zero width space"),
    ("\u00ad", "U+00AD, soft hyphen"),
    ("\x7f", "U+007F, control character"),
]


@pytest.mark.parametrize("place", [0, 4, len(CLIENT_SECRET)], ids=["before", "within", "after"])
@pytest.mark.parametrize(("character", "name"), INVISIBLE, ids=[name for _, name in INVISIBLE])
def test_invisible_characters_in_a_client_secret(tmp_path: Path, character: str, name: str, place: int) -> None:
    """They are a fault that says which one was found, in the setting that holds the secret or names its file."""
    secret = CLIENT_SECRET[:place] + character + CLIENT_SECRET[place:]
    error = faults_of(AVEPOINT_CLIENT_SECRET=secret)
    (tmp_path / "secret").write_text(secret, encoding="utf-8")
    fault = only_fault(AVEPOINT_CLIENT_SECRET_FILE=str(tmp_path / "secret"), **WITHOUT_CREDENTIAL)
    assert error.faults[0]._replace(setting=fault.setting) == fault
    assert (error.faults[0].setting, fault.setting) == ("AVEPOINT_CLIENT_SECRET", "AVEPOINT_CLIENT_SECRET_FILE")
    assert name in fault.wrong
    assert_reveals_no_secret(error)


def test_a_certificate_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    """Windows editors write one, and what surrounds the PEM blocks does not matter."""
    (tmp_path / "pem").write_text(PEM, encoding="utf-8-sig")
    settings = load_with(AVEPOINT_CERTIFICATE_FILE=str(tmp_path / "pem"), **WITHOUT_CREDENTIAL)
    assert settings.avepoint_certificate is not None
    assert PEM.strip() in settings.avepoint_certificate.reveal()


@pytest.mark.parametrize("credential", ["AVEPOINT_CLIENT_SECRET", "AVEPOINT_CERTIFICATE"])
def test_other_faults_reveal_no_secret(credential: str) -> None:
    """Faults of other settings don't reveal the credential."""
    value = CLIENT_SECRET if credential == "AVEPOINT_CLIENT_SECRET" else PEM
    changes = {**WITHOUT_CREDENTIAL, credential: value, "HISTORY_MONTHS": "x", "AVEPOINT_API_URL": "http://a.b"}
    error = faults_of(**changes)
    assert len(error.faults) == 2
    assert_reveals_no_secret(error)


def test_settings_reveal_no_secret() -> None:
    """No text form of the settings contains the secret."""
    settings = load_with()
    values = asdict(settings)
    for text in (repr(settings), str(settings), f"{values}", f"{settings!r:>9}", json.dumps(values, default=str)):
        assert CLIENT_SECRET not in text
