"""The message to a chat that finance reads: that the report's outcome has changed, or that a month was closed."""

from collections.abc import Iterator

import requests
from urllib3.util import Timeout

from seat_report.domain import BillingReport, Finding
from seat_report.reporting import RunResult
from seat_report.settings import Secret

_SECONDS = 5.0
_TO_SAY = {
    Finding.BILL_MORE: "bill more",
    Finding.BILL_LESS: "bill less",
    Finding.NOT_BILLED: "not billed",
    Finding.NOT_USED: "not used",
    Finding.NOT_COMPARED: "not compared",
}


def notify(webhook: Secret | None, result: RunResult) -> list[str]:
    """Send the message about this run, if there is one to send and a webhook; gives a warning if that failed.

    One attempt within five seconds, and no redirect is followed. The webhook's address is in no log and no warning.
    """
    text = message_for(result)
    if webhook is None or text is None:
        return []
    try:
        with requests.Session() as session:
            limit = Timeout(total=_SECONDS)
            # Google Chat, Slack and compatible chats take this body (their documentation of incoming webhooks).
            response = session.post(
                webhook.reveal(),
                json={"text": text},
                timeout=limit,  # type: ignore[arg-type] # passed on to urllib3, missing in the stubs
                allow_redirects=False,
                stream=True,
            )
            status = response.status_code
            response.close()
    except (requests.RequestException, ValueError, OSError) as error:
        # The error's text has the address in it.
        reason = "no answer in time" if isinstance(error, requests.Timeout) else "it can't be reached"
    else:
        if 200 <= status < 300:
            return []
        reason = f"it answered {status}"
    return [f"The chat could not be notified: {reason}. Check NOTIFY_WEBHOOK_URL."]


def message_for(result: RunResult) -> str | None:
    """What to tell of a run, without anybody's name; None if there is nothing to tell.

    Previews and limited runs tell nothing.
    """
    if result.request.dry_run or result.is_limited:
        return None
    has_changed = result.outcome_before not in ("", str(result.outcome))
    if not has_changed and not result.closed_months:
        return None
    return "\n".join(_lines(result, has_changed=has_changed))


def _lines(result: RunResult, *, has_changed: bool) -> Iterator[str]:
    before = f" (before: {result.outcome_before})" if has_changed else ""
    yield f"Seat report: {result.outcome}{before}"
    customers = result.customers
    answered = customers.queried - customers.failed
    issues = sum(not problem.kind.is_notice for problem in result.problems)
    yield f"{answered:,} of {customers.queried:,} customers verified, {issues:,} {'issue' if issues == 1 else 'issues'}"
    for month, note in result.closed_months.items():
        yield f"{month} is closed. {note}"
    if result.billing is not None and result.billing.has_numbers:
        yield _billing_line(result.billing)
    if result.spreadsheet_url:
        yield result.spreadsheet_url


def _billing_line(billing: BillingReport) -> str:
    parts = []
    for finding, words in _TO_SAY.items():
        found = billing.sums[finding]
        if found.lines:
            seats = "" if finding is Finding.NOT_COMPARED else f" ({abs(found.seats):,} seats)"
            parts.append(f"{words}: {found.lines:,}{seats}")
    return f"Billing of {billing.month}: {', '.join(parts) or 'nothing to correct'}"
