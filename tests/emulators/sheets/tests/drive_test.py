"""The few methods of Drive refuse what they can't read."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulators.sheets.service import Handle

from .book import Book


@pytest.mark.parametrize("query", [{"pageToken": "x"}, {"pageSize": "-1"}, {"pageSize": "1e9"}, {"q": "nonsense"}])
def test_lists_that_cannot_be_read(service: Handle, book: Book, query: dict[str, str]) -> None:
    """A page that isn't a number or a search that isn't one is a 400."""
    assert book.session.get(f"{service.url}/drive/v3/files", params=query, timeout=30).status_code == 400


@pytest.mark.parametrize(
    "body", [{"name": 5}, {"name": {}}, {"parents": "root"}, {"parents": [1]}, {"trashed": "yes"}, [], "x", 7]
)
def test_files_that_cannot_be_read(service: Handle, book: Book, body: Any) -> None:
    """A field of a wrong type is a 400, and the file stays as it is."""
    url = f"{service.url}/drive/v3/files/{book.id}"
    for method, path in (("PATCH", ""), ("POST", "/copy"), ("POST", "/permissions")):
        given = (
            {"type": "user", "role": "reader", **body} if isinstance(body, dict) and path == "/permissions" else body
        )
        assert book.session.request(method, url + path, json=given, timeout=30).status_code == 400
    assert "error" not in book.get()


def test_a_permission_of_a_wrong_type(service: Handle, book: Book) -> None:
    """An address that isn't a text is a 400."""
    given = {"type": "user", "role": "reader", "emailAddress": True}
    url = f"{service.url}/drive/v3/files/{book.id}/permissions"
    assert book.session.post(url, json=given, timeout=30).status_code == 400
