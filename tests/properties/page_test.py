"""Page and answers: a text from outside is read as that text; it ends no element, attribute, member or answer."""

import html
import json
import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import pytest

from seat_report.domain.customers import LONGEST_ID
from seat_report.reporting.summary import LONGEST_NAME
from tests.proof.sampling import chosen
from tests.properties.corpus import CORPUS, MARK, Hostile, Kind
from tests.properties.journey import BROWSER, Journey
from tests.support.world import World

PAGES = ("form", "watched", "watched preview")
ANSWERS = ("first", "again", "preview")
POLICY = re.compile(
    r"default-src 'none'; style-src 'nonce-[\w-]{24}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# All that the templates have.
ELEMENTS = frozenset(
    re.findall(
        r"\w+",
        """html head meta title style body header main h1 h2 p div section span strong code ul li a br dl dt dd
        form input details summary label textarea fieldset legend button progress
        table thead tbody tr th td svg rect""",
    )
)
ATTRIBUTES = frozenset(
    re.findall(
        r"[\w-]+",
        """lang charset name content nonce class method action type value open for id rows spellcheck autocomplete
        aria-describedby aria-label aria-hidden checked max role href tabindex scope viewbox preserveaspectratio width
        height""",
    )
)


class Reader(HTMLParser):
    """What a browser makes of a page: its elements, their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.other: list[str] = []
        self.texts: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        if self.elements[-1:] != ["style"]:
            self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.other.append(data)

    def handle_decl(self, decl: str) -> None:
        self.other.append(decl)

    def handle_pi(self, data: str) -> None:
        self.other.append(data)

    def unknown_decl(self, data: str) -> None:
        self.other.append(data)


def check_page(answer: Any) -> Reader:
    """The answer is a page with nothing in it but what the templates have, and says what browsers may do with it."""
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert POLICY.fullmatch(answer.headers["Content-Security-Policy"])
    found = Reader(answer.get_data().decode("utf-8"))
    assert set(found.elements) <= ELEMENTS
    assert {name for name, _ in found.attributes} <= ATTRIBUTES
    assert found.other == ["doctype html"]
    for name, value in found.attributes:
        if name in ("href", "action"):
            assert re.fullmatch(r"\?(format=html)?|http://127\.0\.0\.1:\d+/spreadsheets/d/[\w-]+/edit", value or "")
        if name in ("class", "type", "id", "role"):
            assert MARK not in (value or "")
    return found


def check_json(answer: Any) -> Any:
    """The answer is JSON, says so, and is not to be taken for anything else; its value."""
    expected = "application/json; charset=utf-8" if answer.status_code < 400 else "application/problem+json"
    assert answer.headers["Content-Type"] == expected
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    return json.loads(answer.get_data().decode("utf-8"))


@pytest.mark.parametrize("name", PAGES)
def test_pages(journey: Journey, name: str) -> None:
    """Whatever the texts are, a page has the elements, attributes and addresses of its templates and no others."""
    found = check_page(journey.answers[name])
    assert found.elements.count("main") == 1


def test_pages_name_customers(journey: Journey) -> None:
    """A customer is named on the page by its own text, shortened where it is long."""
    page = " ".join("".join(check_page(journey.answers["watched"]).texts).split())
    # The page lists no more than some hundred things, in the order of the texts.
    named = [one for one in journey.texts[:60] if one.text.isprintable()]
    assert [one.text for one in named if " ".join(one.text.split())[: LONGEST_NAME - 1] not in page] == []
    assert "x" * (LONGEST_NAME + 1) not in page.replace("x" * (LONGEST_ID - 1), "")


@pytest.mark.parametrize("name", PAGES)
def test_pages_stay_readable(journey: Journey, name: str) -> None:
    """No line of a page is so long that it hides the others."""
    assert max(map(len, check_page(journey.answers[name]).texts)) < 1000
    assert len(journey.answers[name].get_data()) < 1_000_000


@pytest.mark.parametrize("name", ANSWERS)
def test_answers(journey: Journey, name: str) -> None:
    """An answer in JSON has the members that are promised, whatever the texts are, and each customer's problems."""
    body = check_json(journey.answers[name])
    assert MARK not in "".join(body)
    told = {problem["customer_id"] for problem in body["problems"]}
    assert {journey.customer(one) for one in journey.texts} <= told
    for problem in body["problems"]:
        assert problem.keys() == {"customer_id", "row", "tenant_type", "problem", "detail"}
        assert len(problem["detail"]) < 1000
        assert len(problem["customer_id"] or "") <= 129


def test_preview(journey: Journey) -> None:
    """A preview has a line for each row that would change: no text makes two of one, or one without end."""
    body = check_json(journey.answers["preview"])
    changes = body["changes"]
    assert len(body["preview"]) == changes["rows_added"] + changes["rows_updated"] + changes["rows_removed"]
    assert [line for line in body["preview"] if len(line) > 1000 or "\n" in line] == []


@pytest.mark.parametrize("hostile", chosen(CORPUS, 12), ids=str)
def test_parameters(world: World, hostile: Hostile) -> None:
    """A parameter comes back only as text, on the page and in JSON, whichever it is and wherever it stands."""
    value = quote(hostile.text[:2000], safe="")
    for query in (
        f"customer_id={value}",
        f"tenant_type={value}",
        f"dry_run={value}",
        f"format={value}",
        f"{value}=1",
        f"customer_id=ok&customer_id={value}&dry_run=1",
    ):
        page = world.function.get(f"/?{query}&format=html" if "format" not in query else f"/?{query}", headers=BROWSER)
        check_page(page)
        answer = world.function.post(f"/?{query}", headers={"Accept": "application/json"})
        assert answer.status_code in (200, 400)
        check_json(answer)
        for told in (page, answer):
            assert MARK not in " ".join(f"{name}: {text}" for name, text in told.headers.items())
    health = world.function.get(f"/health?fresh={value}")
    assert health.status_code == 400
    check_json(health)


@pytest.mark.parametrize("hostile", chosen(CORPUS, 12), ids=str)
def test_addresses(world: World, hostile: Hostile) -> None:
    """An address that there is not is answered without a word of it."""
    value = quote(hostile.text[:2000], safe="")
    page = world.function.get(f"/x{value}", headers=BROWSER)
    answer = world.function.get(f"/x{value}", headers={"Accept": "application/json"})
    for told in (page, answer):
        assert told.status_code == 404
        assert MARK not in told.get_data(as_text=True)
    # One with a line end in it is answered by the framework, which never lets it in.
    if "\n" not in hostile.text:
        check_page(page)
        check_json(answer)


def test_form_keeps_what_was_asked(world: World) -> None:
    """A form is filled in with IDs as they were given, also those that look like the page's own parts."""
    ids = [one.text for one in CORPUS if one.kind is Kind.HTML and " " not in one.text and "/" not in one.text]
    ids = [text for text in ids if "#" not in text and "%" not in text]
    query = "&".join(f"customer_id={quote(text, safe='')}" for text in ids)
    found = check_page(world.function.get(f"/?{query}", headers=BROWSER))
    assert len(ids) > 5
    assert "\n".join(ids) in "".join(found.texts)


def test_escaping_is_one_deep() -> None:
    """The reader takes for text what was escaped once, so the tests above see what is escaped twice or never."""
    assert Reader(html.escape(f"<{MARK}>")).texts == [f"<{MARK}>"]
    assert Reader(f"<{MARK}>").elements == [MARK]
