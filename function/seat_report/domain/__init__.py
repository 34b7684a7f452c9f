"""The domain: tenant types, customers, identity, queries and their results, problems, a run's scope and data.

Independent of HTTP, spreadsheets and settings; all other packages use these terms.
"""

from seat_report.domain.billing import (
    NO_NUMBERS,
    Basis,
    Billed,
    BillingLine,
    BillingReport,
    BillingSum,
    Comparison,
    Finding,
    MonthSeats,
    compare,
)
from seat_report.domain.customers import LONGEST_ID, Customer, CustomerList, invalid_id_reason
from seat_report.domain.found_customers import FoundCustomer, FoundCustomers
from seat_report.domain.identity import bare_id, canonical_id, looks_like_guid
from seat_report.domain.months import last_months, month_before, month_of, months_apart, months_between
from seat_report.domain.outcome import Outcome
from seat_report.domain.problems import Problem, ProblemKind
from seat_report.domain.purchased import PurchasedByPart, PurchasedSeats, purchased_queries
from seat_report.domain.queries import Collection, Query, SeatResult, Traffic, UnusableTenant
from seat_report.domain.report_data import ReportData
from seat_report.domain.sanitising import clean, cut, found, quote, repeated, shortened
from seat_report.domain.scope import LastQuery, RunRequest, Scope, in_order, nothing_checked, scope_of
from seat_report.domain.tenants import Number, Status, TenantKey, TenantRow, TenantSeats, TenantType
from seat_report.domain.totals import Knowledge, Part, PartKey, ReportTotals, SeatSum

__all__ = [
    "LONGEST_ID",
    "NO_NUMBERS",
    "Basis",
    "Billed",
    "BillingLine",
    "BillingReport",
    "BillingSum",
    "Collection",
    "Comparison",
    "Customer",
    "CustomerList",
    "Finding",
    "FoundCustomer",
    "FoundCustomers",
    "Knowledge",
    "LastQuery",
    "MonthSeats",
    "Number",
    "Outcome",
    "Part",
    "PartKey",
    "Problem",
    "ProblemKind",
    "PurchasedByPart",
    "PurchasedSeats",
    "Query",
    "ReportData",
    "ReportTotals",
    "RunRequest",
    "Scope",
    "SeatResult",
    "SeatSum",
    "Status",
    "TenantKey",
    "TenantRow",
    "TenantSeats",
    "TenantType",
    "Traffic",
    "UnusableTenant",
    "bare_id",
    "canonical_id",
    "clean",
    "compare",
    "cut",
    "found",
    "in_order",
    "invalid_id_reason",
    "last_months",
    "looks_like_guid",
    "month_before",
    "month_of",
    "months_apart",
    "months_between",
    "nothing_checked",
    "purchased_queries",
    "quote",
    "repeated",
    "scope_of",
    "shortened",
]
