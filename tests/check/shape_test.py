"""The shape of an answer, a finding's line, and the file for a bug report."""

import html
import json
import re
import urllib.parse
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from seat_report.check.findings import Finding, Verdict, exit_status
from seat_report.check.report_file import report_text
from seat_report.check.shape import shape
from tests.support.environment import load_with

_TEXTS = st.text(min_size=1, max_size=60)
_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _TEXTS
_JSON = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4), max_leaves=15
)
# No text of ours has these characters.
_MARK = "ẞɸж"


def test_shapes() -> None:
    """Names and types of members are told, what lists have in common, and no value."""
    tenants = [
        {"id": "a", "assignedUserSeat": 3, "note": None},
        {"id": "", "assignedUserSeat": "3", "tags": []},
        {"id": 7.5, "assignedUserSeat": -1, "is on": True},
    ]
    assert shape({"data": tenants}) == (
        "{data: 3 of {id: text or empty text or number, assignedUserSeat: whole number or digits as text or negative "
        "number, note?: null, tags?: an empty list, 1 other names}}"
    )
    assert shape("x") == "text"
    assert shape([[1], [True, None]]) == "2 of 3 of whole number or true or false or null"


@given(_JSON)
def test_a_shape_is_one_line_without_values(value: Any) -> None:
    """Whatever is answered: printable, on one line, and without any value."""
    marked = json.loads(
        json.dumps(value), object_hook=lambda found: {f"{_MARK}{key}": one for key, one in found.items()}
    )
    told = shape([marked, _MARK])
    assert told.isprintable()
    assert _MARK not in told
    assert len(told) < 20_000


@given(_TEXTS, _TEXTS, _TEXTS, st.booleans(), st.booleans())
def test_a_finding_is_one_line(fact: str, found: str, shown: str, is_private: bool, with_shown: bool) -> None:
    """Whatever it quotes, a finding is one printable line; what is private or shown is told only where it may be."""
    finding = Finding(Verdict.DIFFERS, fact, found, found, found, f"{_MARK}1{found}", f"{_MARK}2{shown}")
    line = finding.line(is_private=is_private, with_shown=with_shown)
    assert len(line.splitlines()) == 1
    assert (f"{_MARK}1" in line, f"{_MARK}2" in line) == (is_private, is_private and with_shown)


def test_the_worst_finding_decides() -> None:
    """A wrong configuration comes before a difference, and that before what holds or is skipped."""
    findings = [Finding(verdict, "x") for verdict in Verdict]
    assert exit_status(findings) == 3
    assert exit_status([finding for finding in findings if finding.verdict is not Verdict.WRONG]) == 1
    assert exit_status([Finding(Verdict.NOT_TRIED, "x"), Finding(Verdict.AS_EXPECTED, "x")]) == 1
    assert exit_status([Finding(Verdict.AS_EXPECTED, "x"), Finding(Verdict.SKIPPED, "x")]) == 0


def _spellings(text: str) -> list[str]:
    quoted = urllib.parse.quote(text, safe="")
    return [
        text,
        json.dumps(text)[1:-1],
        html.escape(text),
        quoted,
        re.sub("%..", lambda match: match[0].lower(), quoted),
        urllib.parse.quote_plus(text),
    ]


# As secrets are: long enough not to be part of a sentence of ours by chance.
_SECRETS = st.text(st.characters(min_codepoint=33, max_codepoint=0x17F, categories=("L", "N", "P", "S")), min_size=12)
_IDS = st.from_regex(r"[A-Za-z0-9_-]{12,44}", fullmatch=True)


@given(secret=_SECRETS, ids=st.lists(_IDS, min_size=3, max_size=3, unique=True), name=_SECRETS)
def test_the_file_hides_what_it_must(secret: str, ids: list[str], name: str) -> None:
    """Secrets, ids and names that a service echoed into a finding, in several spellings, are not in the file."""
    client_id, spreadsheet_id, check_id = ids
    settings = load_with(
        AVEPOINT_CLIENT_SECRET=secret,
        AVEPOINT_CLIENT_ID=client_id,
        SPREADSHEET_ID=spreadsheet_id,
        CHECK_SPREADSHEET_ID=check_id,
    )
    private = (secret, *ids)
    echoed = " ".join(f"<{spelling}>" for text in private for spelling in _spellings(text))
    finding = Finding(Verdict.DIFFERS, "a fact", "this", f"{echoed} <{name}> <{name.upper()}>", "do that", name, secret)
    written = report_text(settings, [finding], {name})
    assert "(hidden)" in written
    for text in private:
        for spelling in _spellings(text):
            assert spelling not in written
    assert name not in written


def test_the_file_hides_what_identifies_whoever_it_is_about() -> None:
    """GUIDs, mail addresses, projects, addresses of the web and tokens are hidden though nobody knows them."""
    words = (
        "9b2f6c1e-0000-4000-8000-000000000001 9B2F6C1E000040008000000000000001 robot@project-1.iam.gserviceaccount.com "
        "project_number:123456789 projects/my-project-7 https://example.com/x?y=z ya29.a0AfH6SMBx7-Q_1234567890abcdef"
    )
    written = report_text(load_with(), [Finding(Verdict.DIFFERS, "a fact", "", words)], ())
    assert not any(word in written for word in words.replace("ya29.", "").split())
    assert "updateDimensionProperties" in report_text(
        load_with(), [Finding(Verdict.DIFFERS, "a fact", "", "0 (updateDimensionProperties): 400")], ()
    )
