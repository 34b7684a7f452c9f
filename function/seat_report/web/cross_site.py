"""Detects requests to start a run that another site's page sent without the person's knowledge.

Sources: W3C "Fetch Metadata Request Headers" (Sec-Fetch-Site, which pages can't set) and RFC 6454 (Origin).
"""

from urllib.parse import urlsplit

from flask import Request

_ALLOWED = ("same-origin", "none")


def is_cross_site(request: Request) -> bool:
    """Whether another site's page made a browser send this request, or the browser leaves that open.

    Clients that are not browsers send neither header and can't be misused. For a browser too old to send
    Sec-Fetch-Site, Origin decides, which it sends with a POST; it must match the host that the request was sent to.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in _ALLOWED
    origin = request.headers.get("Origin")
    return origin is not None and _host(origin) != request.host


def _host(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None
