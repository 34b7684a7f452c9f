"""What the Seat Report says of a customer's tenant type without a row: that it has no tenant, or nothing. Pure.

A type that answered with no tenant has no row, and neither has a type that was never asked for. What tells them apart
is kept in a metadata entry on the tab: the types that each customer was asked for when a run last covered it.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from seat_report.domain import Customer, PartKey, ReportData, Status, TenantKey, TenantRow, TenantType, canonical_id
from seat_report.workbook.sheets_api import Request, Tab, TabEntry
from seat_report.workbook.tables import ObservedRow
from seat_report.workbook.tabs.seat_row import status_of

ENTRY_KEY = "seat-report.asked-types"
# Of the 30,000 characters of metadata that Google allows. Past that nothing is remembered, and what has no row counts
# as missing until a run for everybody has asked for it.
_MOST_CHARACTERS = 16_000
_VALUE = re.compile(r"([0-9a-f])((?:[0-9A-Za-z_-]{8}[0-9a-f])*)")
_EXCEPTION_LENGTH = 9


@dataclass(frozen=True, slots=True)
class AskedTypes:
    """The tenant types that each customer was asked for when a run last covered it, as bits.

    `default` is what holds for all customers but the `exceptions`, which are keyed by a digest of the ID. Without an
    entry it is every type: a first run writes all that is missing as rows.
    """

    default: int = (1 << len(TenantType)) - 1
    exceptions: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, tab: Tab) -> "AskedTypes":
        """What the tab's entry says; nothing was asked for if it can't be read."""
        entry = _entry(tab)
        if entry is None:
            return cls()
        match = _VALUE.fullmatch(entry.value)
        if match is None:
            return cls(0)
        default, rest = match.groups()
        items = [rest[start : start + _EXCEPTION_LENGTH] for start in range(0, len(rest), _EXCEPTION_LENGTH)]
        return cls(int(default, 16), {item[:-1]: int(item[-1], 16) for item in items})

    def includes(self, customer: str, tenant_type: TenantType) -> bool:
        """Whether the customer (by `canonical_id`) was asked for this type."""
        return bool(self._bits(customer) >> tenant_type.number & 1)

    def after(self, data: ReportData, rows: Iterable[TenantRow] = ()) -> "AskedTypes":
        """What holds after the run: everything about the customers that it covers, and nothing new about others.

        `rows` are those of the Seat Report after the run.
        """
        covers_all = data.scope.customers is None and not data.has_unreadable_ids
        default = _bits_of(data.tenant_types) if covers_all else self.default
        exceptions = {} if covers_all else dict(self.exceptions)
        asked: dict[str, int] = {}
        for customer in data.customers:
            key = canonical_id(customer.customer_id)
            if customer.is_included:
                asked[key] = _bits_of(data.types_of(customer)) if data.admits(key) else self._bits(key)
        for row in rows:
            # Some rows of a customer that is left out may go before others; what has none then is not known.
            key = row.key.customer
            if key not in asked and row.status is not Status.NOT_REPORTED and not data.may_be_listed(key):
                asked[key] = 0
        for key, bits in asked.items():
            if bits != default:
                exceptions[_digest(key)] = bits
            elif exceptions:
                exceptions.pop(_digest(key), None)
        after = AskedTypes(default, exceptions)
        return after if len(after.value) <= _MOST_CHARACTERS else AskedTypes(0)

    @property
    def value(self) -> str:
        """The entry's text."""
        return f"{self.default:x}" + "".join(f"{key}{bits:x}" for key, bits in sorted(self.exceptions.items()))

    def requests(self, tab: Tab) -> list[Request]:
        """What makes the tab's entry say this."""
        entry = _entry(tab)
        if entry is None and self == AskedTypes():
            return []
        if entry is None:
            content = {"metadataKey": ENTRY_KEY, "metadataValue": self.value, "visibility": "DOCUMENT"}
            content["location"] = {"sheetId": tab.sheet_id}  # type: ignore[assignment] # the only part that is no text
            return [{"createDeveloperMetadata": {"developerMetadata": content}}]
        if entry.value == self.value:
            return []
        change = {
            "dataFilters": [{"developerMetadataLookup": {"metadataId": entry.metadata_id}}],
            "developerMetadata": {"metadataValue": self.value},
            "fields": "metadataValue",
        }
        return [{"updateDeveloperMetadata": change}]

    def _bits(self, customer: str) -> int:
        # Digests only where there is anything to compare: most spreadsheets have no exception.
        return self.exceptions.get(_digest(customer), self.default) if self.exceptions else self.default


class KnownParts:
    """What is known of customers' tenant types before a run, by the rows of the Seat Report and its entry."""

    def __init__(self, rows: Mapping[TenantKey, ObservedRow], asked: AskedTypes) -> None:
        self._rows = rows
        self._asked = asked
        self._parts: set[tuple[str, TenantType | None]] = set()
        self._oldest: dict[str, float | None] = {}
        # Customers with a tenant whose type somebody cleared: it may be of any type.
        self._untyped: set[str] = set()
        for key, row in rows.items():
            status = status_of(row)
            if status is Status.NOT_REPORTED:
                continue
            # A row whose status somebody overwrote stands for a tenant all the same.
            if status is not Status.NO_TENANTS:
                self._parts.add((key.customer, key.tenant_type))
                if key.tenant_type is None:
                    self._untyped.add(key.customer)
            checked = row.number("last_checked")
            known = self._oldest.setdefault(key.customer, checked)
            if checked is not None and (known is None or checked < known):
                self._oldest[key.customer] = checked

    def is_without_tenants(self, customer: str, tenant_type: TenantType) -> bool:
        """Whether an earlier run learned that the customer has no tenant of this type."""
        return (
            customer in self._oldest
            and customer not in self._untyped
            and (customer, tenant_type) not in self._parts
            and self._asked.includes(customer, tenant_type)
        )

    def has_row(self, customer: str, tenant_type: TenantType) -> bool:
        """Whether a row stands for the customer's tenants of this type, if only to say that there is no answer."""
        return (customer, tenant_type) in self._parts

    def placeholder(self, customer: str, tenant_type: TenantType) -> ObservedRow | None:
        """The row that says that there is no answer about this type, if there is one."""
        row = self._rows.get(TenantKey(customer, tenant_type, ""))
        return row if row is not None and status_of(row) is Status.NO_DATA else None

    def last_without_tenants(self, customer: str, tenant_type: TenantType) -> float | None:
        """When it was last confirmed that the customer has no tenant of this type; None if never."""
        if row := self.placeholder(customer, tenant_type):
            return row.number("last_checked")
        return self.last_checked(customer) if self.is_without_tenants(customer, tenant_type) else None

    def last_checked(self, customer: str) -> float | None:
        """When the least recently confirmed of the customer's rows was."""
        return self._oldest.get(customer)

    def without_tenants(self, customers: Iterable[Customer], data: ReportData) -> frozenset[PartKey]:
        """All parts of these customers that an earlier run learned to have no tenant."""
        pairs = ((canonical_id(one.customer_id), kind) for one in customers for kind in data.types_of(one))
        return frozenset(pair for pair in pairs if self.is_without_tenants(*pair))


def _entry(tab: Tab) -> TabEntry | None:
    return next((entry for entry in tab.entries if entry.key == ENTRY_KEY), None)


def _bits_of(tenant_types: Sequence[TenantType]) -> int:
    return sum(1 << tenant_type.number for tenant_type in tenant_types)


def _digest(customer: str) -> str:
    """A short digest, so that thousands of IDs fit; eight characters are 48 bits, enough that no two are equal."""
    digest = hashlib.blake2b(customer.encode("utf-8", "replace"), digest_size=6).digest()
    return base64.urlsafe_b64encode(digest).decode()
