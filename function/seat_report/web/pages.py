"""The HTML pages: the form, a run with its progress, and errors. No scripts, no external resources."""

import secrets
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

from flask import Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from seat_report.domain import RunRequest, TenantType
from seat_report.errors import ConfigurationError, RunUnderWayError
from seat_report.recent_runs import RecentRuns
from seat_report.reporting import RunResult, row_changes, run_as_json, summary
from seat_report.settings import Settings
from seat_report.web.background import BackgroundRun
from seat_report.web.responses import ProblemDetails, encoded, problem_of, uncached_headers

# How long the page may stay blank until it is known whether AvePoint grants access at all.
SETTLING_SECONDS = 3.0
_STEP_SECONDS = 1.0
_MAX_LINES = 500
# More customers than these are chosen by their IDs.
_MAX_CUSTOMERS = 500

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


def form_page(run_request: RunRequest, settings: Settings, recent: RecentRuns | None) -> Response:
    """The form, filled in from the request, and the last runs if they could be read; nothing is run."""
    form = _form_values(run_request, settings, recent)
    return _page_response(lambda nonce: encoded(_render("form.html", nonce, form=form, recent=recent)))


def error_page(problem: ProblemDetails) -> Response:
    """An error, what to do about it, and a link back to the form."""
    return _page_response(lambda nonce: encoded(_render("error.html", nonce, problem=problem)), problem.status)


def progress_page(run: BackgroundRun, settings: Settings) -> Response:
    """The progress of a run, then its outcome.

    The response ends when the run has ended, even if the client has left. Errors that keep a run from starting are
    pages with their own status; after that the page is 200, whatever the outcome of the run.
    """
    if run.wait_until_settled(SETTLING_SECONDS):
        failure = run.result.failure
        if isinstance(failure, ConfigurationError | RunUnderWayError):
            return error_page(problem_of(failure, run_as_json(run.result)))
    response = _page_response(lambda nonce: _page_parts(run, settings, nonce))
    response.call_on_close(run.wait)
    return response


def _page_parts(run: BackgroundRun, settings: Settings, nonce: str) -> Iterator[bytes]:
    """The parts of the page; of those between the first and the last, the style sheet shows only the latest."""
    # No text from outside can contain the nonce, so it splits the page into exactly two parts.
    run_request = run.result.request
    next_form = _form_values(run_request._replace(dry_run=False), settings)
    page = _render("progress.html", nonce, is_preview=run_request.dry_run, form=next_form, placeholder=nonce)
    before, after = page.rsplit(nonce, 1)
    yield encoded(before)
    last_step = ""
    while not run.wait(_STEP_SECONDS if last_step else 0):
        step = _render("step.html", progress=run.progress)
        if step != last_step:
            yield encoded(step)
        last_step = step
    yield encoded(_render_outcome(run.result) + after)


def _render_outcome(result: RunResult) -> str:
    rows, rows_more = summary.first_changed_rows(result)
    attention = summary.attention(result)
    return _render(
        "outcome.html",
        result=result,
        customers=row_changes.by_customer(rows),
        rows_more=rows_more,
        attention=attention[:_MAX_LINES],
        attention_more=max(0, len(attention) - _MAX_LINES),
        totals=list(summary.totals(result)),
        faults=result.failure.faults if isinstance(result.failure, ConfigurationError) else (),
    )


def _form_values(run_request: RunRequest, settings: Settings, recent: RecentRuns | None = None) -> dict[str, Any]:
    listed = recent.customers[:_MAX_CUSTOMERS] if recent else ()
    types = [
        tenant_type
        for tenant_type in TenantType
        if tenant_type in settings.tenant_types or tenant_type in run_request.tenant_types
    ]
    return {
        "run_request": run_request,
        "types": types,
        "is_limited": run_request.is_limited,
        "customers": listed,
        "other_ids": [one for one in run_request.customer_ids if one not in dict(listed)],
    }


def _render(template: str, nonce: str = "", **values: Any) -> str:
    return _templates.get_template(template).render(nonce=nonce, **values)


def _page_response(body: Callable[[str], bytes | Iterator[bytes]], status: HTTPStatus = HTTPStatus.OK) -> Response:
    nonce = secrets.token_urlsafe(18)
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    headers = {**uncached_headers(), "Content-Security-Policy": policy, "Referrer-Policy": "no-referrer"}
    return Response(body(nonce), status=status, content_type="text/html; charset=utf-8", headers=headers)
