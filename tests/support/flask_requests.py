"""Builds requests as a server passes them on."""

import io
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from flask import Request
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder


@contextmanager
def flask_request(
    query: str = "",
    data: Any = None,
    content_type: str | None = None,
    accept: str | None = None,
    environ: dict[str, str] | None = None,
) -> Iterator[Request]:
    """A request with this query, body and headers; a POST if it has a body."""
    body = (
        {"input_stream": io.BytesIO(data), "content_length": len(data)} if isinstance(data, bytes) else {"data": data}
    )
    builder = EnvironBuilder(
        query_string=query,
        method="GET" if data is None else "POST",
        content_type=content_type,
        headers=Headers({} if accept is None else {"Accept": accept}),
        environ_overrides=environ,
        **body,
    )
    request = Request(builder.get_environ())
    with closing(builder), closing(request):
        yield request
