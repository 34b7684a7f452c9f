"""The HTML pages: the form, a run that is watched while it works, and errors. No script, nothing from elsewhere."""

import secrets
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

from flask import Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from seat_report.domain import RunRequest, TenantType
from seat_report.errors import ConfigurationError, RunUnderWayError
from seat_report.reporting import RunResult, summary
from seat_report.settings import Settings
from seat_report.web.background import BackgroundRun
from seat_report.web.responses import ProblemDetails, encoded, problem_of, run_as_json, uncached_headers

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
_templates.globals["summary"] = summary
_templates.filters["counted"] = summary.counted


def form_page(run_request: RunRequest, settings: Settings) -> Response:
    """The form, filled in from what was asked; nothing is run."""
    return _response(lambda nonce: encoded(_render("form.html", nonce, form=_form(run_request, settings))))


def error_page(problem: ProblemDetails) -> Response:
    """An error, what to do about it, and the way back to the form."""
    return _response(lambda nonce: encoded(_render("error.html", nonce, problem=problem)), problem.status)


def progress_page(run: BackgroundRun, settings: Settings) -> Response:
    """A run as it goes on, then its outcome.

    The answer ends when the run has ended, also if whoever asked has left. What keeps a run from being done and shows
    at its beginning is an error with a status of its own; after that the page is 200, whatever comes of the run.
    """
    if run.wait_until_settled(SETTLING_SECONDS):
        failure = run.result.failure
        if isinstance(failure, ConfigurationError | RunUnderWayError):
            return error_page(problem_of(failure, run_as_json(run.result)))
    response = _response(lambda nonce: _steps(run, settings, nonce))
    response.call_on_close(run.wait)
    return response


def _steps(run: BackgroundRun, settings: Settings, nonce: str) -> Iterator[bytes]:
    """The page's pieces; the style sheet shows only the newest of those between the first and the last."""
    # The nonce is in no text from outside, so the page falls into just two parts here.
    run_request = run.result.request
    again = _form(run_request._replace(dry_run=False), settings)
    page = _render("watching.html", nonce, is_preview=run_request.dry_run, form=again, here=nonce)
    before, after = page.rsplit(nonce, 1)
    yield encoded(before)
    shown = ""
    while not run.wait(_STEP_SECONDS if shown else 0):
        step = _render("step.html", progress=run.progress)
        if step != shown:
            yield encoded(step)
        shown = step
    yield encoded(_outcome(run.result, settings) + after)


def _outcome(result: RunResult, settings: Settings) -> str:
    preview, preview_more = summary.cut(summary.preview(result), _MOST_LINES)
    attention = summary.attention(result)
    return _render(
        "outcome.html",
        result=result,
        preview=preview,
        preview_more=preview_more,
        attention=attention[:_MOST_LINES],
        attention_more=max(0, len(attention) - _MOST_LINES),
        totals=list(summary.totals(result, settings)),
        faults=result.failure.faults if isinstance(result.failure, ConfigurationError) else (),
    )


def _form(run_request: RunRequest, settings: Settings) -> dict[str, Any]:
    offered = [one for one in TenantType if one in settings.tenant_types or one in run_request.tenant_types]
    return {
        "run_request": run_request,
        "types": offered,
        "is_limited": bool(run_request.customer_ids or run_request.tenant_types),
    }


def _render(template: str, nonce: str = "", **values: Any) -> str:
    return _templates.get_template(template).render(nonce=nonce, **values)


def _response(body: Callable[[str], bytes | Iterator[bytes]], status: HTTPStatus = HTTPStatus.OK) -> Response:
    nonce = secrets.token_urlsafe(18)
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    headers = {**uncached_headers(), "Content-Security-Policy": policy, "Referrer-Policy": "no-referrer"}
    return Response(body(nonce), status=status, content_type="text/html; charset=utf-8", headers=headers)
