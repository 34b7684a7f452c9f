"""Answers of any language as text: the same JSON, and no bigger than it came."""

import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seat_report.workbook.answer import text_of


@given(st.lists(st.text()))
def test_the_text_says_what_was_sent(values: list[str]) -> None:
    """Whatever characters the service sends, as themselves or as escapes."""
    for is_escaped in (True, False):
        sent = json.dumps(values, ensure_ascii=is_escaped).encode()
        assert json.loads(text_of(sent)) == values


def test_one_character_does_not_make_all_others_wide() -> None:
    """A workbook with an emoji in it takes about the memory of one without."""
    sent = json.dumps(["a" * 100_000, "🦆 株式会社"], ensure_ascii=False).encode()
    assert sys.getsizeof(text_of(sent)) < 1.01 * len(sent)


@pytest.mark.parametrize("sent", [b'"\xff"', b'"\xe6\xa0"', b'"ok \xc3('])
def test_what_is_no_utf8_is_refused(sent: bytes) -> None:
    """Not guessed at."""
    with pytest.raises(UnicodeDecodeError):
        text_of(sent)
