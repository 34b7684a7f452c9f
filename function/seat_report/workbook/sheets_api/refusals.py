"""What Google said when it refused a request, and what an operator can do about it. Pure.

Reasons are those of google.rpc.ErrorInfo in the domain googleapis.com (https://google.aip.dev/193 and the enum
google.api.ErrorReason); refusals without one are told apart by their message.
"""

import json
from http import HTTPStatus
from typing import Any, NamedTuple

from seat_report.domain import quote, shortened
from seat_report.errors import Fault
from seat_report.settings import hidden

_MAX_MESSAGE_LENGTH = 500
_API = "Google Sheets API"
_CREDENTIALS = "Google credentials"
_DENIED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


class Refusal(NamedTuple):
    """A response with a 4xx status: what it says, on one line and without secrets, and its reason if it has one."""

    status: int
    message: str
    reason: str = ""


def parse_refusal(status: int, body: bytes, access_token: str) -> Refusal:
    """The refusal in a body of whatever form; the access token is hidden if it is repeated there."""
    body = hidden(body, access_token)
    try:
        error = json.loads(body)["error"]
        message, details = error["message"], error.get("details")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        message, details = None, None
    text = shortened(message, _MAX_MESSAGE_LENGTH) if isinstance(message, str) else quote(body)
    return Refusal(status, text, _reason(details))


def fault_of(refusal: Refusal, spreadsheet_id: str, account: str) -> Fault | None:
    """The fault that only an operator can mend, or None if the refusal is none of those.

    `account` is the account that the request was made with, as the remedy should name it.
    """
    if refusal.status == HTTPStatus.NOT_FOUND:
        wrong = f"there is no spreadsheet {spreadsheet_id!r}"
        return Fault("SPREADSHEET_ID", wrong, "Copy the address from the browser; it may have been deleted")
    if refusal.status in _DENIED:
        return _denial(refusal, spreadsheet_id, account)
    if "not supported for this document" in refusal.message:
        remedy = "Open it and choose File, Save as Google Sheets, then give the new one's address"
        return Fault("SPREADSHEET_ID", f"{spreadsheet_id!r} is an Office file, not a Google spreadsheet", remedy)
    if "protected cell or object" in refusal.message:
        remedy = f"Ask its owner to let {account} edit the protected ranges, or to remove them"
        return Fault("SPREADSHEET_ID", "somebody has protected cells that the report must write", remedy)
    return None


def token_fault(error: Exception) -> Fault | None:
    """The fault behind an access token that Google will never give, or None if a later attempt may succeed.

    `invalid_grant` is what RFC 6749, section 5.2, says of a key that was deleted, an account that was disabled, or a
    clock that is wrong.
    """
    text = str(error)
    if "invalid_grant" not in text and "invalid_client" not in text:
        return None
    remedy = (
        "Make a new key for the service account, or sign in again (gcloud auth application-default login), and check "
        "that this machine's clock is right"
    )
    said = shortened(text, _MAX_MESSAGE_LENGTH)
    return Fault(_CREDENTIALS, f"Google accepts them no longer, a key may have been deleted ({said})", remedy)


def _denial(refusal: Refusal, spreadsheet_id: str, account: str) -> Fault:
    """The fault behind a 401 or 403; the access to the spreadsheet itself, if nothing else is said."""
    reason, message = refusal.reason, refusal.message
    if "quota project" in message or reason == "USER_PROJECT_DENIED":
        remedy = (
            "Run gcloud auth application-default set-quota-project with a project in which the account has the role "
            "roles/serviceusage.serviceUsageConsumer and sheets.googleapis.com is enabled"
        )
        return Fault(_CREDENTIALS, f"the quota project is missing or can't be used ({message})", remedy)
    if reason == "SERVICE_DISABLED" or "disabled" in message or "has not been used" in message:
        wrong = f"it is not enabled in this project ({message})"
        return Fault(_API, wrong, "Enable sheets.googleapis.com and wait a few minutes")
    if reason == "ACCESS_TOKEN_SCOPE_INSUFFICIENT" or "insufficient authentication scopes" in message:
        remedy = (
            "Sign in again with the scope: gcloud auth application-default login "
            "--scopes=https://www.googleapis.com/auth/spreadsheets,https://www.googleapis.com/auth/cloud-platform"
        )
        return Fault(_CREDENTIALS, f"they may not be used for spreadsheets ({message})", remedy)
    if reason in {"SECURITY_POLICY_VIOLATED", "ORG_RESTRICTION_VIOLATION"} or "organization's policy" in message:
        remedy = f"Ask the organisation's administrator to let {account} use sheets.googleapis.com"
        return Fault(_API, f"a policy of the organisation forbids it ({message})", remedy)
    if refusal.status == HTTPStatus.UNAUTHORIZED:
        remedy = "Make a new key for the service account, or sign in again (gcloud auth application-default login)"
        return Fault(_CREDENTIALS, f"Google does not accept them ({message})", remedy)
    remedy = f"Share the spreadsheet with {account} as an editor"
    return Fault("SPREADSHEET_ID", f"Google refuses access to {spreadsheet_id!r} ({message})", remedy)


def _reason(details: Any) -> str:
    """The first reason among the error's details, empty if there is none."""
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, dict) and isinstance(reason := detail.get("reason"), str):
            return reason
    return ""
