"""Large responses, decoded as they arrive: to exactly the values that the json module produces from the full text."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seat_report.workbook.sheets_api.decoding import LargeMembers, decode

LARGE: LargeMembers = {"tabs": {"rows": {}}, "within": {"tabs": {"rows": {}}}}
names = st.sampled_from(["tabs", "rows", "within", "a", "🦆"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
)


def _chunks(body: bytes, size: int) -> list[bytes]:
    """The body in small chunks, cut in the middle of characters and numbers."""
    return [body[start : start + size] for start in range(0, len(body), size)]


def _unchanged(members: dict[str, Any]) -> Any:
    return members


def _as_pairs(members: dict[str, Any]) -> Any:
    """A value that reveals which objects were converted, and in which order."""
    return sorted(members.items(), key=str)


@given(values, st.booleans(), st.sampled_from([None, 1]), st.integers(1, 40))
def test_any_value_is_decoded(value: Any, is_escaped: bool, indent: int | None, size: int) -> None:
    """Whatever the value and whitespace, with characters as such or escaped, and wherever it is cut."""
    text = json.dumps(value, ensure_ascii=is_escaped, indent=indent)
    for hook in (_unchanged, _as_pairs):
        assert decode(_chunks(text.encode(), size), hook, LARGE) == json.loads(text, object_hook=hook)


@pytest.mark.parametrize("number", ["0", "-12.5", "1e5", "-1.25E-3", "12345678901234567890"])
@pytest.mark.parametrize("form", ["{}", " {} ", '{{"a":{}}}', '{{"tabs":[{},{}]}}', '{{"tabs":{{"rows":[{}]}}}}'])
def test_a_number_is_decoded_to_its_end(form: str, number: str) -> None:
    """Wherever it is cut, although its beginning is also a number."""
    text = form.format(number, number)
    for size in range(1, len(text) + 1):
        assert decode(_chunks(text.encode(), size), _unchanged, LARGE) == json.loads(text)


@given(values, st.data())
def test_invalid_json_is_refused(value: Any, data: st.DataObject) -> None:
    """With a character inserted, removed or replaced, it is refused exactly if the json module refuses it."""
    text = json.dumps({"tabs": [{"rows": [value]}], "a": value})
    position = data.draw(st.integers(0, len(text) - 1))
    inserted = data.draw(st.sampled_from(["", ",", ":", "}", "]", "{", '"', "0", " "]))
    damaged = text[:position] + inserted + text[position + data.draw(st.integers(0, 1)) :]
    try:
        expected = json.loads(damaged)
    except ValueError:
        with pytest.raises(ValueError, match=r"."):
            decode(_chunks(damaged.encode(), 7), _unchanged, LARGE)
    else:
        assert decode(_chunks(damaged.encode(), 7), _unchanged, LARGE) == expected


@pytest.mark.parametrize("body", [b'"\xff"', b'"\xe6\xa0"', b'"ok \xc3', b'"\xf0\x9f\xa6', b'{"tabs":["\xff"]}'])
def test_invalid_utf8_is_refused(body: bytes) -> None:
    """Bytes that are not UTF-8 are not guessed at."""
    with pytest.raises(UnicodeDecodeError):
        decode(_chunks(body, 3), _unchanged, LARGE)


def test_rows_are_decoded_as_they_arrive() -> None:
    """A long list is decoded row by row, so that its text is never in memory."""
    built: list[dict[str, Any]] = []

    def record(members: dict[str, Any]) -> Any:
        built.append(members)
        return members

    def send() -> Iterator[bytes]:
        yield b'{"tabs":[{"rows":['
        for count in range(1_000):
            assert len(built) >= count - 1
            yield b'{"row":"' + b"a" * 900 + b'"},'
        yield b"{}]}]}"

    assert len(decode(send(), record, LARGE)["tabs"][0]["rows"]) == 1_001
