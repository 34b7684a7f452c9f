"""IDs that look alike over several runs: each keeps its own row, numbers and months, and one ID has one row."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from seat_report.domain.identity import canonical_id
from seat_report.workbook.tables.observed import ObservedRow, ObservedTable
from seat_report.workbook.tabs import by_customer, seat_report
from seat_report.workbook.tabs.history import History
from seat_report.workbook.tabs.history_columns import ASSIGNED
from tests.proof.sampling import many
from tests.support.local_workbook import LocalWorkbook

GUID = "8a1b2c3d-0000-4000-8000-a0b0c0d0e0f0"
# Few characters, so that most IDs have a twin that differs in case, in an accent or by a full width.
twins = st.text("aAbBsSßẞéÉ１1-", min_size=1, max_size=2) | st.sampled_from(["Straße", "STRASSE", "strasse", "ſtraße"])
runs = st.lists(
    st.dictionaries(twins | st.sampled_from([GUID, GUID.upper()]), st.integers(0, 99), max_size=6), max_size=4
)


def one_spelling_each(seats: dict[str, int]) -> dict[str, int]:
    """The customers as the Customers tab gives them: of two spellings of one ID only the first."""
    first: dict[str, str] = {}
    for name in seats:
        first.setdefault(canonical_id(name), name)
    return {name: seats[name] for name in first.values()}


def shown(table: ObservedTable, number: str) -> dict[str, float | None]:
    """The number of each customer's only row that has one."""

    def is_filled(row: ObservedRow) -> bool:
        return row.number(number) is not None

    rows = [(canonical_id(row.text("customer_id")), row.number(number)) for row in table.rows() if is_filled(row)]
    assert len(rows) == len(dict(rows))
    return dict(rows)


@settings(max_examples=many(5, 150))
@given(runs)
@example([{"ABC": 1, "abc": 2}, {"abc": 3, "ABC": 4}])
@example([{"Straße": 1, "STRASSE": 2}, {"STRASSE": 5}])
@example([{GUID: 1}, {GUID.upper(): 2}])
def test_every_id_keeps_its_own_row(days: list[dict[str, int]]) -> None:
    """Whatever customers are listed from day to day, each ID's row, sum and month have its own number."""
    book = LocalWorkbook()
    month: dict[str, float | None] = {}
    for day, listed in enumerate(days, start=1):
        seats = one_spelling_each(listed)
        book.run(f"2026-01-{day:02}", seats)
        expected: dict[str, float | None] = {canonical_id(name): number for name, number in seats.items()}
        month |= expected
        assert shown(ObservedTable(seat_report.COLUMNS, book.tab("Seat Report")), "assigned") == expected
        customers = book.tab("By Customer")
        assert shown(ObservedTable(by_customer.columns(customers, ()), customers), "assigned") == expected
        history = History(book.tab("History"), "2026-01", 24)
        found = history.of_month("2026-01", ASSIGNED)
        assert {key.customer: number for key, number in found.items()} == month
