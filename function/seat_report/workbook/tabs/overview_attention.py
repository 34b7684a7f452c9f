"""The Overview's section on what needs attention: each issue with whom it is about and the next step. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from seat_report.domain import Customer, Knowledge, Part, Problem, ReportData, ReportTotals, Status, canonical_id
from seat_report.workbook.tables import Line, TextCell
from seat_report.workbook.tabs.overview_lines import and_more, header_line, wrapped

MOST_ATTENTION = 25
# So many customers with the same issue are named.
_MOST_NAMED = 3


class _Issue(NamedTuple):
    """Something that needs attention: whose, the status, and what to do about it."""

    who: str
    status: str
    text: str


def attention_lines(data: ReportData, totals: ReportTotals, problems: Sequence[Problem]) -> Iterator[Line]:
    """The section's lines; `problems` are those that are more than notices.

    An outage concerns many customers in the same way: those with the same status and next step are named together.
    """
    groups: dict[tuple[str, str], list[_Issue]] = {}
    for issue in _issues(data, totals, problems):
        groups.setdefault((issue.status, issue.text), []).append(issue)
    yield header_line((("Needs attention", "Status", "Issue and next step"), ()))
    if not groups:
        yield (TextCell("Nothing."),)
    shown = list(groups.items())[:MOST_ATTENTION]
    for (status, text), issues in shown:
        yield from wrapped((_named(issues), status), text)
    left = sum(map(len, groups.values())) - sum(len(issues) for _, issues in shown)
    yield from and_more(left, ": see the Status column of the Seat Report")


def _named(issues: Sequence[_Issue]) -> str:
    names = list(dict.fromkeys(issue.who for issue in issues if issue.who))
    more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    return f"{', '.join(names[:_MOST_NAMED])}{more}"


def _issues(data: ReportData, totals: ReportTotals, problems: Sequence[Problem]) -> Iterator[_Issue]:
    listed = {canonical_id(customer.customer_id): customer for customer in reversed(data.customers)}
    for warning in data.warnings:
        yield _Issue("", "Warning", warning)
    for problem in problems:
        where = problem.customer_id if problem.row is None else f"Customers, row {problem.row}"
        yield _Issue(where or "", "Problem", problem.detail)
    unchecked: list[str] = []
    for customer, parts in totals.customers.items():
        reasons = [part for part in parts if part.reason is not None]
        if reasons:
            yield _of_reasons(reasons)
        elif all(part.knowledge is Knowledge.MISSING for part in parts):
            unchecked.append(customer)
        elif gaps := [part.tenant_type.label for part in parts if not part.is_known]:
            detail = f"Not checked yet for {', '.join(gaps)}. The next run for all customers checks it."
            yield _unchecked(listed, customer, detail)
    if len(unchecked) == 1:
        yield _unchecked(listed, unchecked[0], "Not checked yet. The next run for all customers checks it.")
    elif unchecked:
        detail = f"{len(unchecked):,} customers have not been checked yet. The next run for all customers checks them."
        yield _Issue("", Status.NO_DATA, detail)


def _of_reasons(reasons: Sequence[Part]) -> _Issue:
    """Why the customer's numbers are not current, in the words of its worst row."""
    worst = next((part for part in reasons if not part.is_known), reasons[0])
    status = Status.STALE if worst.is_known else Status.NO_DATA
    row = worst.reason
    return _Issue(row.customer or row.customer_id, status, row.detail) if row else _Issue("", status, "")


def _unchecked(listed: Mapping[str, Customer], customer: str, detail: str) -> _Issue:
    found = listed[customer]
    return _Issue(found.name or found.customer_id, Status.NO_DATA, detail)
