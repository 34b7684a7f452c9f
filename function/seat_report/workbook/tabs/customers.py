"""The Customers tab: which customers to query, and which rows can't be used and why. Pure.

The tab belongs to people: it is only read. `new_customers_tab` creates a missing one.
"""

import re
from collections.abc import Iterable, Mapping

from seat_report.domain import (
    LONGEST_ID,
    Customer,
    CustomerList,
    Problem,
    ProblemKind,
    TenantType,
    bare_id,
    canonical_id,
    clean,
    cut,
    invalid_id_reason,
    looks_like_guid,
)
from seat_report.errors import ConfigurationError, Fault
from seat_report.workbook.sheets_api import BLANK, Cell, Tab, column_letters

HEADERS = ("Customer ID", "Customer", "Tenant types", "Include")
_MOST_NAMED = 20

_LABELS = ", ".join(tenant_type.label for tenant_type in TenantType)
_LEFT_OUT = {"no", "false", "0"}
_INCLUDED = {"", "yes", "true", "1", "x"}
# A larger number in a cell may differ from the one that was typed.
_LARGEST_EXACT_NUMBER = 2**53 - 1

# The types of errors that Google's service knows, as cells are read.
_ERRORS = frozenset(
    f"#{kind}"
    for kind in ("ERROR", "NULL_VALUE", "DIVIDE_BY_ZERO", "VALUE", "REF", "NAME", "NUM", "N_A", "LOADING", "UNKNOWN")
)


def parse(tab: Tab) -> CustomerList:
    """The customers in the tab.

    Headers are found by name, ignoring case and spacing. Without any, column A is used if A1 holds a GUID. Raises
    ConfigurationError if there is no column of customer IDs, or if two columns have the same one of our headers. A
    customer listed twice counts once, with the tenant types of all rows that include it and the rest of its first row.
    """
    columns, first_row = _columns(tab)
    customers: dict[str, Customer] = {}
    problems: list[Problem] = []
    unusable = unreadable = 0
    for index in range(first_row, len(tab.rows)):
        row = index + 1

        def cell(header: str, index: int = index) -> Cell:
            return tab.cell(index, columns[header]) if header in columns else BLANK

        id_cell = cell("Customer ID")
        name = _one_line(cell("Customer").text)
        customer_id = bare_id(id_cell.text)
        if not customer_id:
            if name:
                detail = f"The row names {_printable(name)!r} but has no Customer ID. Fill it in."
                problems.append(Problem(ProblemKind.BLANK_CUSTOMER_ID, detail, row=row))
            continue
        if reason := _unusable_id_reason(id_cell):
            unusable += 1
            if _is_error(id_cell):
                unreadable += 1
                reason += " Until then, no customer is treated as removed."
            problems.append(
                Problem(ProblemKind.INVALID_CUSTOMER_ID, reason, customer_id=_printable(id_cell.text), row=row)
            )
            continue
        type_text = cell("Tenant types").text
        try:
            types = _types(type_text)
        except ValueError:
            types = None
            detail = (
                f"Tenant types {_printable(type_text)!r} is not valid; use one or more of {_LABELS}, separated by "
                "commas. All types were checked instead."
            )
            problems.append(Problem(ProblemKind.INVALID_TENANT_TYPES, detail, customer_id=customer_id, row=row))
        include = cell("Include").text.casefold()
        if include not in _LEFT_OUT | _INCLUDED:
            detail = f"Include is {_printable(include)!r}, neither yes nor no. The customer was included."
            problems.append(Problem(ProblemKind.INVALID_INCLUDE, detail, customer_id=customer_id, row=row))
        customer = Customer(customer_id, name, row, types, include not in _LEFT_OUT)
        first = customers.setdefault(canonical_id(customer_id), customer)
        if first is not customer:
            customers[canonical_id(customer_id)] = merged = _merged(first, customer)
            problems.append(_duplicate(first, customer, merged))
    return CustomerList(tuple(customers.values()), tuple(problems), unusable, unreadable)


def missing_tab(title: str, titles: Iterable[str]) -> ConfigurationError:
    """The error for a configured Customers tab that is not among the spreadsheet's tabs."""
    wrong = f"there is no tab {title!r}; the tabs are: {_quoted_names(titles)}"
    return ConfigurationError(Fault("CUSTOMERS_TAB", wrong, "Correct the title"))


def _merged(first: Customer, second: Customer) -> Customer:
    """The customer of two rows."""
    if not (first.is_included and second.is_included):
        return first
    if first.tenant_types is None or second.tenant_types is None:
        return first._replace(tenant_types=None)
    union = {*first.tenant_types, *second.tenant_types}
    return first._replace(tenant_types=tuple(tenant_type for tenant_type in TenantType if tenant_type in union))


def _duplicate(first: Customer, second: Customer, merged: Customer) -> Problem:
    detail = f"Duplicate of row {first.row}; counted once"
    if first.tenant_types != second.tenant_types and merged.is_included and second.is_included:
        detail += ", with the tenant types of both rows"
    return Problem(ProblemKind.DUPLICATE_CUSTOMER_ID, f"{detail}.", customer_id=second.customer_id, row=second.row)


def _unusable_id_reason(cell: Cell) -> str | None:
    """Why the cell's content can't be a customer ID, and what to do; None if it can."""
    if isinstance(cell.value, int | float) and not _is_exact(cell.value):
        return "The cell holds a number or a tick, not an ID. Format the cell as plain text and enter the ID again."
    return invalid_id_reason(bare_id(cell.text))


def _is_error(cell: Cell) -> bool:
    """Whether the cell shows an error, perhaps that of a formula elsewhere that fills it."""
    return cell.text in _ERRORS or (cell.formula is not None and cell.text.startswith("#"))


def _is_exact(value: float) -> bool:
    if isinstance(value, bool):
        return False
    return float(value).is_integer() and 0 <= value <= _LARGEST_EXACT_NUMBER


def _columns(tab: Tab) -> tuple[Mapping[str, int], int]:
    """The column of each of our headers in the tab, and the first row of data."""
    header = tab.rows[0] if tab.rows else []
    indexes_by_header: dict[str, list[int]] = {}
    for index, cell in enumerate(header):
        for name in HEADERS:
            if _normalised(cell.text) == _normalised(name):
                indexes_by_header.setdefault(name, []).append(index)
    for name, indexes in indexes_by_header.items():
        if len(indexes) > 1:
            letters = " and ".join(column_letters(index) for index in indexes[:2])
            wrong = f"columns {letters} of tab {tab.title!r} both have the header {name!r}"
            raise ConfigurationError(Fault("CUSTOMERS_TAB", wrong, "Rename or remove one of them"))
    if "Customer ID" in indexes_by_header:
        return {name: indexes[0] for name, indexes in indexes_by_header.items()}, 1
    if header and looks_like_guid(header[0].text):
        return {"Customer ID": 0}, 0
    headers = [_printable(cell.text) for cell in header if cell.text]
    if not headers and not any(cell.text for row in tab.rows for cell in row):
        return {}, 1
    wrong = f"tab {tab.title!r} has no column 'Customer ID'; the headers found in row 1 are: {_quoted_names(headers)}"
    raise ConfigurationError(Fault("CUSTOMERS_TAB", wrong, "Name the column with the customers' IDs 'Customer ID'"))


def _types(text: str) -> tuple[TenantType, ...] | None:
    parts = [part for part in re.split(r"[,;\n]", text) if part.strip()]
    if not parts:
        return None
    named = {TenantType.parse(part) for part in parts}
    return tuple(tenant_type for tenant_type in TenantType if tenant_type in named)


def _normalised(header: str) -> str:
    return re.sub(r"[\s_-]+", "", header).casefold()


def _one_line(text: str) -> str:
    return " ".join(clean(text, len(text)).split())


def _printable(text: str) -> str:
    """Text of unknown origin made fit to show: printable, on one line, short."""
    printable = "".join(character if character.isprintable() else "�" for character in text)
    return cut(printable, LONGEST_ID)


def _quoted_names(names: Iterable[str]) -> str:
    """The first names of headers or tabs, quoted, enough to recognise what was meant."""
    quoted = [repr(name) for name in names]
    more = [f"and {len(quoted) - _MOST_NAMED:,} more"] if len(quoted) > _MOST_NAMED else []
    return ", ".join(quoted[:_MOST_NAMED] + more) or "none"
