"""Large answers, decoded while they come: to the very values that the json module makes of the whole."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seat_report.workbook.sheets_api.decoding import Large, decoded

LARGE: Large = {"tabs": {"rows": {}}, "within": {"tabs": {"rows": {}}}}
names = st.sampled_from(["tabs", "rows", "within", "a", "🦆"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
)


def _chunks(sent: bytes, size: int) -> list[bytes]:
    """What was sent, cut into small chunks, through the midst of characters and of numbers."""
    return [sent[start : start + size] for start in range(0, len(sent), size)]


def _plain(found: dict[str, Any]) -> Any:
    return found


def _told(found: dict[str, Any]) -> Any:
    """Something that shows of which objects it was made, and in which order."""
    return sorted(found.items(), key=str)


@given(values, st.booleans(), st.sampled_from([None, 1]), st.integers(1, 40))
def test_it_says_what_was_sent(value: Any, is_escaped: bool, indent: int | None, size: int) -> None:
    """Whatever the value and its spaces, the characters as themselves or as escapes, and wherever it is cut."""
    sent = json.dumps(value, ensure_ascii=is_escaped, indent=indent)
    for hook in (_plain, _told):
        assert decoded(_chunks(sent.encode(), size), hook, LARGE) == json.loads(sent, object_hook=hook)


@pytest.mark.parametrize("number", ["0", "-12.5", "1e5", "-1.25E-3", "12345678901234567890"])
@pytest.mark.parametrize("form", ["{}", " {} ", '{{"a":{}}}', '{{"tabs":[{},{}]}}', '{{"tabs":{{"rows":[{}]}}}}'])
def test_a_number_is_read_to_its_end(form: str, number: str) -> None:
    """Wherever it is cut, though its beginning is a number, too."""
    sent = form.format(number, number)
    for size in range(1, len(sent) + 1):
        assert decoded(_chunks(sent.encode(), size), _plain, LARGE) == json.loads(sent)


@given(values, st.data())
def test_what_is_no_json_is_refused(value: Any, data: st.DataObject) -> None:
    """One character more, less or other: it is refused where the json module refuses it."""
    sent = json.dumps({"tabs": [{"rows": [value]}], "a": value})
    place = data.draw(st.integers(0, len(sent) - 1))
    put = data.draw(st.sampled_from(["", ",", ":", "}", "]", "{", '"', "0", " "]))
    spoilt = sent[:place] + put + sent[place + data.draw(st.integers(0, 1)) :]
    try:
        expected = json.loads(spoilt)
    except ValueError:
        with pytest.raises(ValueError, match=r"."):
            decoded(_chunks(spoilt.encode(), 7), _plain, LARGE)
    else:
        assert decoded(_chunks(spoilt.encode(), 7), _plain, LARGE) == expected


@pytest.mark.parametrize("sent", [b'"\xff"', b'"\xe6\xa0"', b'"ok \xc3', b'"\xf0\x9f\xa6', b'{"tabs":["\xff"]}'])
def test_what_is_no_utf8_is_refused(sent: bytes) -> None:
    """Not guessed at."""
    with pytest.raises(UnicodeDecodeError):
        decoded(_chunks(sent, 3), _plain, LARGE)


def test_rows_are_made_while_they_come() -> None:
    """Of a long list no more is waited for than a row takes: it is never in memory as text."""
    made: list[dict[str, Any]] = []

    def noted(found: dict[str, Any]) -> Any:
        made.append(found)
        return found

    def sending() -> Iterator[bytes]:
        yield b'{"tabs":[{"rows":['
        for count in range(1_000):
            assert len(made) >= count - 1
            yield b'{"row":"' + b"a" * 900 + b'"},'
        yield b"{}]}]}"

    assert len(decoded(sending(), noted, LARGE)["tabs"][0]["rows"]) == 1_001
