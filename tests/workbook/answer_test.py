"""Answers of any language as text: the same JSON, and no bigger than it came."""

import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seat_report.workbook.answer import text_of


def _chunks(sent: bytes) -> list[bytes]:
    """What was sent, cut into small chunks, through the midst of characters."""
    return [sent[start : start + 1_001] for start in range(0, len(sent), 1_001)]


@given(st.lists(st.text()))
def test_the_text_says_what_was_sent(values: list[str]) -> None:
    """Whatever characters the service sends, as themselves or as escapes."""
    for is_escaped in (True, False):
        sent = json.dumps(values, ensure_ascii=is_escaped).encode()
        assert json.loads(text_of(_chunks(sent))) == values


def test_one_character_does_not_make_all_others_wide() -> None:
    """A workbook with emoji in it takes about the memory of one without, wherever the pieces are cut."""
    values = ["a" * 99_999, "🦆" * 9, "株式会社"] * 20
    text = text_of(_chunks(json.dumps(values, ensure_ascii=False).encode()))
    assert json.loads(text) == values
    assert sys.getsizeof(text) < 1.01 * sum(map(len, values))


@pytest.mark.parametrize("sent", [b'"\xff"', b'"\xe6\xa0"', b'"ok \xc3', b'"\xf0\x9f\xa6'])
def test_what_is_no_utf8_is_refused(sent: bytes) -> None:
    """Not guessed at."""
    with pytest.raises(UnicodeDecodeError):
        text_of(_chunks(sent))
