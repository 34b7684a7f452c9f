"""The HTML pages: the form, a run that is watched while it works, and errors. No script, nothing from elsewhere."""

import secrets
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

from flask import Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from seat_report import telling
from seat_report.errors import ConfigurationError, RunUnderWayError
from seat_report.result import Order, Result
from seat_report.seats import TenantType
from seat_report.settings import Settings
from seat_report.web.answers import Trouble, encoded, never_kept, told, trouble_of
from seat_report.web.running import Running

# How long the page may stay blank while it shows whether AvePoint lets this report in at all.
SETTLING_SECONDS = 3.0
_STEP_SECONDS = 1.0
_MOST_LINES = 500

_templates = Environment(
    loader=PackageLoader("seat_report.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
_templates.globals["telling"] = telling
_templates.filters["counted"] = telling.counted


def form_page(order: Order, settings: Settings) -> Response:
    """The form, filled in from what was asked; nothing is run."""
    return _response(lambda nonce: encoded(_render("form.html", nonce, form=_form(order, settings))))


def trouble_page(trouble: Trouble) -> Response:
    """An error, what to do about it, and the way back to the form."""
    return _response(lambda nonce: encoded(_render("trouble.html", nonce, trouble=trouble)), trouble.status)


def watching_page(running: Running, settings: Settings) -> Response:
    """A run as it goes on, then its outcome.

    The answer ends when the run has ended, also if whoever asked has left. What keeps a run from being done and shows
    at its beginning is an error with a status of its own; after that the page is 200, whatever comes of the run.
    """
    if running.wait_until_settled(SETTLING_SECONDS):
        failure = running.result.failure
        if isinstance(failure, ConfigurationError | RunUnderWayError):
            return trouble_page(trouble_of(failure, told(running.result)))
    response = _response(lambda nonce: _steps(running, settings, nonce))
    response.call_on_close(running.wait)
    return response


def _steps(running: Running, settings: Settings, nonce: str) -> Iterator[bytes]:
    """The page's pieces; the style sheet shows only the newest of those between the first and the last."""
    # The nonce is in no text from outside, so the page falls into just two parts here.
    order = running.result.order
    again = _form(order._replace(dry_run=False), settings)
    page = _render("watching.html", nonce, is_preview=order.dry_run, form=again, here=nonce)
    before, after = page.rsplit(nonce, 1)
    yield encoded(before)
    shown = ""
    while not running.wait(_STEP_SECONDS if shown else 0):
        step = _render("step.html", standing=running.standing)
        if step != shown:
            yield encoded(step)
        shown = step
    yield encoded(_outcome(running.result, settings) + after)


def _outcome(result: Result, settings: Settings) -> str:
    preview, preview_more = telling.cut(result.preview, _MOST_LINES)
    attention = telling.attention(result)
    return _render(
        "outcome.html",
        result=result,
        preview=preview,
        preview_more=preview_more,
        attention=attention[:_MOST_LINES],
        attention_more=max(0, len(attention) - _MOST_LINES),
        totals=list(telling.totals(result, settings)),
        faults=result.failure.faults if isinstance(result.failure, ConfigurationError) else (),
    )


def _form(order: Order, settings: Settings) -> dict[str, Any]:
    offered = [one for one in TenantType if one in settings.tenant_types or one in order.tenant_types]
    return {"order": order, "types": offered, "is_limited": bool(order.customer_ids or order.tenant_types)}


def _render(template: str, nonce: str = "", **values: Any) -> str:
    return _templates.get_template(template).render(nonce=nonce, **values)


def _response(body: Callable[[str], bytes | Iterator[bytes]], status: HTTPStatus = HTTPStatus.OK) -> Response:
    nonce = secrets.token_urlsafe(18)
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    headers = {**never_kept(), "Content-Security-Policy": policy, "Referrer-Policy": "no-referrer"}
    return Response(body(nonce), status=status, content_type="text/html; charset=utf-8", headers=headers)
