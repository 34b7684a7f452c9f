"""What Google's refusals say, and what an operator can do about each."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seat_report.workbook.sheets_api.refusals import Refusal, fault_of, parse_refusal, token_fault

ACCOUNT = "robot@example.iam"
SCOPES = "Request had insufficient authentication scopes."
UNUSED = "Google Sheets API has not been used in project 1 before or it is disabled."
NO_QUOTA_PROJECT = "The sheets.googleapis.com API requires a quota project, which is not set by default."
NOT_OUR_PROJECT = "Caller does not have required permission to use project p-1."
POLICY = "Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: x"


def body(message: str, reason: str | None = None) -> bytes:
    """A refusal in Google's format."""
    error: dict[str, Any] = {"code": 403, "message": message, "status": "PERMISSION_DENIED"}
    if reason is not None:
        info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com"}
        error["details"] = [{"@type": "type.googleapis.com/google.rpc.Help", "links": []}, info]
    return json.dumps({"error": error}).encode()


@pytest.mark.parametrize(
    ("status", "message", "reason", "setting", "remedy"),
    [
        (403, "The caller does not have permission", None, "SPREADSHEET_ID", f"Share the spreadsheet with {ACCOUNT}"),
        (403, SCOPES, "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "Google credentials", "auth/spreadsheets"),
        (403, SCOPES, None, "Google credentials", "auth/spreadsheets"),
        (403, UNUSED, "SERVICE_DISABLED", "Google Sheets API", "Enable sheets.googleapis.com"),
        (403, NO_QUOTA_PROJECT, "SERVICE_DISABLED", "Google credentials", "set-quota-project"),
        (403, NOT_OUR_PROJECT, "USER_PROJECT_DENIED", "Google credentials", "serviceUsageConsumer"),
        (403, POLICY, "SECURITY_POLICY_VIOLATED", "Google Sheets API", "administrator"),
        (401, "Request had invalid authentication credentials.", None, "Google credentials", "Make a new key"),
    ],
)
def test_each_denial_has_its_own_remedy(
    status: int, message: str, reason: str | None, setting: str, remedy: str
) -> None:
    """A 401 or 403 names what is wrong with what, in Google's words, and what to do about it."""
    fault = fault_of(parse_refusal(status, body(message, reason), "a-token-of-some-length"), "s-1", ACCOUNT)
    assert fault is not None
    assert fault.setting == setting
    assert remedy in fault.remedy
    assert message in fault.wrong


def test_a_refusal_that_no_operator_can_mend_is_no_fault() -> None:
    """A request that is wrong in itself is ours to mend."""
    assert fault_of(Refusal(400, "Invalid requests[0].addChart: no"), "s-1", ACCOUNT) is None


def test_a_token_that_may_come_later_is_no_fault() -> None:
    """A metadata server that is away comes back."""
    assert token_fault(OSError("no route to host")) is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=8), children, max_size=3),
    max_leaves=8,
)


@given(details=json_values, message=json_values)
def test_a_refusal_of_any_shape_is_parsed(details: Any, message: Any) -> None:
    """Whatever stands where Google puts details and the message, there is a text on one line and a reason or none."""
    content = json.dumps({"error": {"message": message, "details": details}}).encode()
    refusal = parse_refusal(403, content, "a-token-of-some-length")
    assert "\n" not in refusal.message
    assert fault_of(refusal, "s-1", ACCOUNT) is not None
