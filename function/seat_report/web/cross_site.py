"""Whether a request that would start a run was sent by another site's page behind a person's back.

Sources: W3C "Fetch Metadata Request Headers" (Sec-Fetch-Site, which pages can't set) and RFC 6454 (Origin).
"""

from urllib.parse import urlsplit

from flask import Request

_OWN = ("same-origin", "none")


def is_cross_site(request: Request) -> bool:
    """Whether a browser says, or leaves open, that another site's page made it send this request.

    What is no browser sends neither header and is nobody's tool. A browser too old for the first is judged by the
    second, which it sends with a POST; it then has to reach the function by its own name.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in _OWN
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.host
