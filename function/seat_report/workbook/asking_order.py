"""In which order to ask, so that a service too slow for one run is covered by several and nobody is starved."""

from collections.abc import Sequence

from seat_report.seats import Query, TenantType
from seat_report.workbook.rows import Key, Status
from seat_report.workbook.table import PresentRow, PresentTable

# With this, whatever its case, the Detail of a row begins whose query was not asked for want of time.
NOT_CHECKED = "not checked"

_FIRST, _BY_AGE, _LAST = range(3)
_Urgency = tuple[int, float]


def in_order(queries: Sequence[Query], table: PresentTable) -> list[Query]:
    """First what the last run had no time for or nobody ever asked, then what is longest unconfirmed.

    Last come those whose last answer was a failure of their own: a customer that always hangs starves nobody.
    """
    known: dict[tuple[str, TenantType | None], list[_Urgency]] = {}
    ages: dict[str, float] = {}
    for row in table.rows():
        key = Key.of(row)
        if key is None:
            continue
        known.setdefault((key.customer, key.tenant_type), []).append(_urgency(row))
        ages[key.customer] = min(ages.get(key.customer, float("inf")), _checked(row))

    def urgency(query: Query) -> _Urgency:
        key = Key.made(query.customer_id, query.tenant_type)
        if rows := known.get((key.customer, key.tenant_type)):
            return min(rows)
        # No row of this type: it was answered with "none" when the customer's others were.
        return (_BY_AGE, ages[key.customer]) if key.customer in ages else (_FIRST, 0.0)

    return sorted(queries, key=urgency)


def _urgency(row: PresentRow) -> _Urgency:
    if Status.of(row) in (Status.STALE, Status.NO_DATA):
        place = _FIRST if row.text("detail").casefold().startswith(NOT_CHECKED) else _LAST
        return place, _checked(row)
    return _BY_AGE, _checked(row)


def _checked(row: PresentRow) -> float:
    return row.number("last_checked") or 0.0
