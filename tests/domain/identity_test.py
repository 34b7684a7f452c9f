"""Identity: IDs are equal to the letter, GUIDs whatever their case; what is invisible around an ID is no part of it."""

import uuid
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seat_report.domain.identity import bare_id, canonical_id, looks_like_guid

GUID = "8a1b2c3d-0000-4000-8000-a0b0c0d0e0f0"
INVISIBLE = " \t\r\n\x00\x1b\x7f\x85\u00a0\u00ad\u200b\u200c\u200d\u200e\u2028\u2029\u2060\u3000\ufeff"

guids = st.uuids().map(str)
# Nothing that is trimmed, whatever it stands next to.
plain_ids = st.text(st.characters(categories=["L", "N"]), min_size=1) | st.sampled_from(
    ["ABC", "abc", "Straße", "STRASSE", "ı", "I", "ﬁ", "fi", "00D5f000000ABCD", "00d5f000000abcd"]
)
ids = guids | plain_ids
around = st.text(st.sampled_from(INVISIBLE), max_size=3)


def is_guid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


@st.composite
def spellings(draw: st.DrawFn, text: str) -> str:
    """A spelling of the ID: in braces or not, invisible characters around it, a GUID in any case."""
    if is_guid(text):
        text = draw(st.sampled_from([text, text.upper(), text.title()]))
    if draw(st.booleans()):
        text = "{" + draw(around) + text + draw(around) + "}"
    return draw(around) + text + draw(around)


@given(st.data(), ids)
def test_all_spellings_of_an_id_are_equal(data: st.DataObject, text: str) -> None:
    """Braces, invisible characters around it and a GUID's case make no difference, and none is part of the bare ID."""
    spelling = data.draw(spellings(text))
    assert canonical_id(spelling) == canonical_id(text)
    assert bare_id(spelling).lower() == text.lower()
    assert looks_like_guid(spelling) == is_guid(text)


@given(ids, ids)
def test_ids_are_equal_only_to_the_letter_or_as_guids(one: str, other: str) -> None:
    """Two IDs are equal iff they have the same letters, or are GUIDs that have them apart from case."""
    same_guid = is_guid(one) and is_guid(other) and one.lower() == other.lower()
    assert (canonical_id(one) == canonical_id(other)) == (one == other or same_guid)


@given(plain_ids, st.sampled_from([str.upper, str.lower, str.casefold, str.swapcase]))
def test_a_difference_in_case_alone_is_a_difference(text: str, change: Callable[[str], str]) -> None:
    """IDs other than GUIDs are case-sensitive: Salesforce's are."""
    assert (canonical_id(change(text)) == canonical_id(text)) == (change(text) == text)


@pytest.mark.parametrize(
    "text", ["", GUID[:-1], GUID + "0", GUID.replace("-", ""), GUID.replace("0", "g"), f"{{{GUID}"]
)
def test_slightly_more_or_less_than_a_guid_is_none(text: str) -> None:
    assert not looks_like_guid(text)


@given(st.text(st.characters() | st.sampled_from("{}" + INVISIBLE)))
def test_the_canonical_form_is_its_own(text: str) -> None:
    """Whatever is written, its canonical form stays the same, and so does the bare ID."""
    assert canonical_id(canonical_id(text)) == canonical_id(text)
    assert bare_id(bare_id(text)) == bare_id(text)


@pytest.mark.parametrize("text", ["{}", "{ }", "{a}-{b}", "{{a}}", "{a", "a}", "a\u200bb"])
def test_braces_and_invisible_characters_within_are_part_of_it(text: str) -> None:
    """Only a pair around the whole of an ID is taken off."""
    assert bare_id(text) == text


@pytest.mark.parametrize("text", ["", " ", "\u200b", "\ufeff\u00a0\x00"])
def test_what_cannot_be_seen_is_no_id(text: str) -> None:
    """A cell that looks empty holds no ID."""
    assert canonical_id(text) == ""
