"""No request brings the service down: whatever it is asked, it answers, and is as useful afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.emulators.sheets.schema import properties
from tests.emulators.sheets.service import Handle
from tests.proof.sampling import many

from .made_up import Maker, furnish, methods

_BATCH = "sheets.spreadsheets.batchUpdate"
_KINDS = sorted(properties("Request"))
_OTHER_METHODS = sorted(methods().keys() - {_BATCH})
_GRID = {"rowCount": 6, "columnCount": 4}
_TABS = [
    {"properties": {"title": title, "sheetId": index, "gridProperties": _GRID}} for index, title in enumerate("ST")
]

# A seed rather than choices by Hypothesis: a request takes hundreds of them, and a smaller seed is no simpler request.
_seeds = st.integers(0, 2**32)
_some = settings(
    max_examples=many(1, 15),
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as made:
        made.headers["Authorization"] = "Bearer caller@example.com"
        yield made


def _furnished(service: Handle, session: requests.Session) -> str:
    """Give a spreadsheet with something of everything, as furnish() says."""
    url = f"{service.url}/v4/spreadsheets"
    spreadsheet_id: str = session.post(url, json={"sheets": _TABS}, timeout=30).json()["spreadsheetId"]
    answer = session.post(f"{url}/{spreadsheet_id}:batchUpdate", json={"requests": furnish()}, timeout=30)
    assert answer.status_code == 200, answer.text
    return spreadsheet_id


def _check(
    service: Handle, session: requests.Session, random: Random, wanted: Sequence[tuple[str, Sequence[str]]]
) -> None:
    """Send requests of methods, and of kinds, to one spreadsheet, and read all of it after each.

    One that was not carried out must have changed nothing.
    """
    spreadsheet_id = _furnished(service, session)
    before = _whole(service, session, spreadsheet_id)
    maker = Maker(random, spreadsheet_id)
    for method_id, kinds in wanted:
        made = maker.request(method_id, kinds)
        url = service.url + made.path
        answer = session.request(made.method, url, params=made.query, json=made.body, timeout=30)
        assert answer.status_code < 500 or answer.status_code == 501, (made, answer.text)
        after = _whole(service, session, spreadsheet_id)
        assert answer.status_code == 200 or after == before, made
        before = after


def _whole(service: Handle, session: requests.Session, spreadsheet_id: str) -> Any:
    answer = session.get(f"{service.url}/v4/spreadsheets/{spreadsheet_id}?includeGridData=true", timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("kind", _KINDS)
@given(seed=_seeds)
@_some
def test_every_kind_of_a_batch(service: Handle, session: requests.Session, kind: str, seed: int) -> None:
    """A request of each kind, and then a few of others, valid or nearly so, are carried out or refused."""
    random = Random(seed)
    others = [random.choice(_KINDS) for _ in range(many(1, 4))]
    _check(service, session, random, [(_BATCH, [kind]), *((_BATCH, [other, kind]) for other in others)])


@pytest.mark.parametrize("method_id", _OTHER_METHODS)
@given(seed=_seeds)
@_some
def test_every_other_method(service: Handle, session: requests.Session, method_id: str, seed: int) -> None:
    """A call of each method, valid or nearly so, is carried out or refused, also after cells and tabs have changed."""
    random = Random(seed)
    _check(service, session, random, [(method_id, []), (_BATCH, [random.choice(_KINDS)]), (method_id, [])])


_TEXTS = [b"", b"null", b"[]", b"7", b'"x"', b"{", b"\xff", b"\x00", b"{}{}", b"[" * 100_000]
_ODD = ['{"requests": 7}', '{"requests": [7, "x", [], {}]}', '{"requests": {"addSheet": {}}}', '{"a": NaN}']


@pytest.mark.parametrize("body", [*_TEXTS, *(text.encode() for text in _ODD)])
@pytest.mark.parametrize(
    "path", [":batchUpdate", "/values:batchUpdate", "/developerMetadata:search", "/values/S:append"]
)
def test_bodies_that_are_no_message(service: Handle, session: requests.Session, path: str, body: bytes) -> None:
    """What isn't JSON, or is another kind of JSON, is refused, or read as the front end reads it."""
    url = f"{service.url}/v4/spreadsheets/{_furnished(service, session)}{path}"
    answer = session.post(url, data=body, timeout=30)
    assert answer.status_code in (200, 400), answer.text
