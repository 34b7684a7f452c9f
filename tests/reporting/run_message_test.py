"""The message of a run in the Runs tab."""

from datetime import UTC, datetime

import pytest

from seat_report.domain import Problem, ProblemKind, RunRequest, TenantType
from seat_report.errors import SpreadsheetError
from seat_report.reporting.result import RunResult
from seat_report.reporting.run_message import run_message

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
STALE = [Problem(ProblemKind.TIMEOUT, "Late.")] * 2 + [Problem(ProblemKind.NOT_FOUND, "Nobody.")]


@pytest.mark.parametrize(
    ("request_", "problems", "message"),
    [
        (RunRequest(), [], ""),
        (RunRequest(), STALE, "2 × timeout; 1 × not found"),
        (RunRequest(customer_ids=("a",)), [], "Limited to 1 customer."),
        (
            RunRequest(customer_ids=("a", "b"), tenant_types=(TenantType.GOOGLE, TenantType.SALESFORCE)),
            STALE,
            "Limited to 2 customers, Google, Salesforce. 2 × timeout; 1 × not found",
        ),
    ],
)
def test_message(request_: RunRequest, problems: list[Problem], message: str) -> None:
    """What the run was limited to comes first, because the Runs tab is read back by it."""
    assert run_message(RunResult(request_, NOW, NOW, problems=tuple(problems))) == message


def test_a_long_message_keeps_its_limits() -> None:
    result = RunResult(RunRequest(customer_ids=("a",)), NOW, NOW, failure=SpreadsheetError("x" * 900))
    assert run_message(result).startswith("Limited to 1 customer. xxx")
    assert len(run_message(result)) == 500
