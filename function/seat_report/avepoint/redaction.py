"""What came back, without what was sent in confidence: a gateway's error page may echo the request that it refuses."""

import json
from dataclasses import replace
from functools import lru_cache
from urllib.parse import quote, quote_plus

from requests.structures import CaseInsensitiveDict

from seat_report.avepoint.http import Reply

# Anything shorter is nobody's secret, and hiding it would spoil what merely looks like it.
_SHORTEST = 8
_INSTEAD = "(hidden)"


def without(reply: Reply, *secrets: str) -> Reply:
    """The reply with each secret hidden, in its headers and in its body, in whatever form an echo would have it.

    A secret within a number leaves no number, so that none is made up.
    """
    for form in (form for secret in secrets for form in _forms(secret)):
        if any(form in value for value in reply.headers.values()):
            headers = {name: value.replace(form, _INSTEAD) for name, value in reply.headers.items()}
            reply = replace(reply, headers=CaseInsensitiveDict(headers))
        if form.encode() in reply.body:
            reply = replace(reply, body=reply.body.replace(form.encode(), _INSTEAD.encode()))
    return reply


@lru_cache(maxsize=8)
def _forms(secret: str) -> tuple[str, ...]:
    """The secret as it is, as a form field or part of an address, and within JSON."""
    if len(secret) < _SHORTEST:
        return ()
    in_json = [json.dumps(secret, ensure_ascii=is_ascii)[1:-1] for is_ascii in (True, False)]
    forms = [secret, quote_plus(secret), quote(secret, safe=""), *in_json]
    return tuple(dict.fromkeys([*forms, *(form.replace("/", "\\/") for form in in_json)]))
