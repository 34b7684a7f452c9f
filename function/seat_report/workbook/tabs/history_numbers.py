"""The numbers of a month in the History tab after a run, and the last ones before a month. Pure."""

from collections.abc import Iterable, Mapping

from seat_report.domain import Number, TenantKey, TenantType
from seat_report.workbook.sheets_api import Value
from seat_report.workbook.tables import DesiredRows, ObservedRow, number_in
from seat_report.workbook.tabs.history_columns import HistoryKey

Rows = Mapping[HistoryKey, ObservedRow]


def numbers_after(rows: Rows, month: str, desired: DesiredRows) -> Mapping[HistoryKey, Number]:
    """All numbers of a month once the desired rows are written."""
    after: dict[HistoryKey, Value] = {}
    for key, row in rows.items():
        after[key] = desired.updates.get(row.index, {}).get(month, row.number(month))
    for addition in desired.additions:
        after[_key_of_values(addition.values)] = addition.values.get(month)
    return {key: number for key, value in after.items() if (number := number_in(value)) is not None}


def last_before(rows: Rows, month: str, months: Iterable[str]) -> Mapping[HistoryKey, Number]:
    """The last number of each row in the months before this one, of those that have any."""
    earlier = sorted((other for other in months if other < month), reverse=True)
    last: dict[HistoryKey, Number] = {}
    for key, row in rows.items():
        number = next((found for other in earlier if (found := row.number(other)) is not None), None)
        if number is not None:
            last[key] = number
    return last


def _key_of_values(values: Mapping[str, Value]) -> HistoryKey:
    texts = {name: str(values.get(name) or "") for name in ("customer_id", "tenant_type", "tenant_id", "seats")}
    tenant_type = TenantType.parse(texts["tenant_type"])
    return HistoryKey(TenantKey.of(texts["customer_id"], tenant_type, texts["tenant_id"]), texts["seats"])
