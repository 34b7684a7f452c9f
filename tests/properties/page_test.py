"""Pages and JSON responses: text from outside stays text; it ends no element, attribute, member or response."""

import html
import json
import re
from html.parser import HTMLParser
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seat_report.domain.customers import LONGEST_ID
from seat_report.reporting.row_changes import LONGEST_NAME
from seat_report.web.responses import ProblemDetails, json_response, problem_response
from tests.proof.sampling import chosen
from tests.properties.corpus import CORPUS, MARK, Hostile, Kind
from tests.properties.journey import BROWSER, Journey
from tests.support.world import World

PAGES = ("form", "watched", "watched preview")
JSON_RESPONSES = ("first", "again", "preview")
POLICY = re.compile(
    r"default-src 'none'; style-src 'nonce-[\w-]{24}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# All elements and attributes of the templates.
ELEMENTS = frozenset(
    re.findall(
        r"\w+",
        """html head meta title style body header main h1 h2 p div section span strong code ul li a br dl dt dd
        form input details summary label textarea fieldset legend button progress select option
        table thead tbody tr th td svg rect""",
    )
)
ATTRIBUTES = frozenset(
    re.findall(
        r"[\w-]+",
        """lang charset name content nonce class method action type value open for id rows spellcheck autocomplete
        aria-describedby aria-label aria-hidden checked max role href tabindex scope viewbox preserveaspectratio width
        height colspan multiple size selected""",
    )
)


class PageParser(HTMLParser):
    """Parses a page as a browser does, into its elements, their attributes, and its texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.declarations: list[str] = []
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
        self.declarations.append(data)

    def handle_decl(self, decl: str) -> None:
        self.declarations.append(decl)

    def handle_pi(self, data: str) -> None:
        self.declarations.append(data)

    def unknown_decl(self, data: str) -> None:
        self.declarations.append(data)


def check_page(response: Any) -> PageParser:
    """Check that the response is a page with only the templates' elements and attributes, and the right headers."""
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert POLICY.fullmatch(response.headers["Content-Security-Policy"])
    page_content = PageParser(response.get_data().decode("utf-8"))
    assert set(page_content.elements) <= ELEMENTS
    assert {name for name, _ in page_content.attributes} <= ATTRIBUTES
    assert page_content.declarations == ["doctype html"]
    for name, value in page_content.attributes:
        if name in ("href", "action"):
            assert re.fullmatch(r"\?(format=html)?|http://127\.0\.0\.1:\d+/spreadsheets/d/[\w-]+/edit", value or "")
        if name in ("class", "type", "id", "role"):
            assert MARK not in (value or "")
    return page_content


def check_json(response: Any) -> Any:
    """Check that the response is JSON with the right headers, and return its value."""
    expected = "application/json; charset=utf-8" if response.status_code < 400 else "application/problem+json"
    assert response.headers["Content-Type"] == expected
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-store"
    return json.loads(response.get_data().decode("utf-8"))


@pytest.mark.parametrize("name", PAGES)
def test_pages(journey: Journey, name: str) -> None:
    """Whatever the texts are, a page has only the elements, attributes and URLs of its templates."""
    page_content = check_page(journey.responses[name])
    assert page_content.elements.count("main") == 1


def test_pages_name_the_customers(journey: Journey) -> None:
    """The page names a customer by its own text, shortened if it is long."""
    page = " ".join("".join(check_page(journey.responses["watched"]).texts).split())
    # The page lists a limited number of items, in the order of the texts.
    named = [hostile for hostile in journey.texts[:60] if hostile.text.isprintable()]
    assert [hostile.text for hostile in named if " ".join(hostile.text.split())[: LONGEST_NAME - 1] not in page] == []
    assert "x" * (LONGEST_NAME + 1) not in page.replace("x" * (LONGEST_ID - 1), "")


@pytest.mark.parametrize("name", PAGES)
def test_pages_have_short_texts(journey: Journey, name: str) -> None:
    """No text of a page is very long, nor is the page."""
    assert max(map(len, check_page(journey.responses[name]).texts)) < 1000
    assert len(journey.responses[name].get_data()) < 1_000_000


@pytest.mark.parametrize("name", JSON_RESPONSES)
def test_json_responses(journey: Journey, name: str) -> None:
    """Whatever the texts are, a JSON response has the promised members and each customer's problems."""
    body = check_json(journey.responses[name])
    assert MARK not in "".join(body)
    customer_ids = {problem["customer_id"] for problem in body["problems"]}
    assert {journey.customer(hostile) for hostile in journey.texts} <= customer_ids
    for problem in body["problems"]:
        assert problem.keys() == {"customer_id", "row", "tenant_type", "problem", "detail"}
        assert len(problem["detail"]) < 1000
        assert len(problem["customer_id"] or "") <= 129


def test_preview(journey: Journey) -> None:
    """A preview has one member for each row that would change, none of which is very long."""
    body = check_json(journey.responses["preview"])
    changes = body["changes"]
    assert len(body["preview"]) == changes["rows_added"] + changes["rows_updated"] + changes["rows_removed"]
    texts = [str(cell[when] or "") for row in body["preview"] for cell in row["cells"] for when in ("before", "after")]
    assert max(map(len, texts)) <= 300


@given(st.text())
def test_any_text_in_json(text: str) -> None:
    """Any text reads back from JSON as it was, and is readable where possible."""
    assert check_json(json_response({"name": text})) == {"name": text}
    assert check_json(problem_response(ProblemDetails(HTTPStatus.BAD_REQUEST, "x", text)))["detail"] == text
    assert "Größe → 5".encode() in json_response({"name": "Größe → 5"}).get_data()


@pytest.mark.parametrize("hostile", chosen(CORPUS, 12), ids=str)
def test_parameters(world: World, hostile: Hostile) -> None:
    """A parameter is repeated only as text, on the page and in JSON, whichever parameter it is."""
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
        response = world.function.post(f"/?{query}", headers={"Accept": "application/json"})
        assert response.status_code in (200, 400)
        check_json(response)
        for each in (page, response):
            assert MARK not in " ".join(f"{name}: {text}" for name, text in each.headers.items())
    health = world.function.get(f"/health?fresh={value}")
    assert health.status_code == 400
    check_json(health)


@pytest.mark.parametrize("hostile", chosen(CORPUS, 12), ids=str)
def test_unknown_paths(world: World, hostile: Hostile) -> None:
    """The response to an unknown path does not repeat it."""
    value = quote(hostile.text[:2000], safe="")
    page = world.function.get(f"/x{value}", headers=BROWSER)
    response = world.function.get(f"/x{value}", headers={"Accept": "application/json"})
    for each in (page, response):
        assert each.status_code == 404
        assert MARK not in each.get_data(as_text=True)
    # The framework itself responds to a path with a line break.
    if "\n" not in hostile.text:
        check_page(page)
        check_json(response)


def test_form_keeps_the_customer_ids(world: World) -> None:
    """The form keeps the IDs of the query as they are, also those that look like HTML."""
    ids = [
        hostile.text
        for hostile in CORPUS
        if hostile.kind is Kind.HTML and " " not in hostile.text and "/" not in hostile.text
    ]
    ids = [text for text in ids if "#" not in text and "%" not in text]
    query = "&".join(f"customer_id={quote(text, safe='')}" for text in ids)
    page_content = check_page(world.function.get(f"/?{query}", headers=BROWSER))
    assert len(ids) > 5
    assert "\n".join(ids) in "".join(page_content.texts)


def test_parser_unescapes_once() -> None:
    """The parser unescapes once, so the tests above detect what is escaped twice or never."""
    assert PageParser(html.escape(f"<{MARK}>")).texts == [f"<{MARK}>"]
    assert PageParser(f"<{MARK}>").elements == [MARK]
