"""Customers as people list them, and which texts are valid customer IDs."""

import re
import unicodedata
from typing import NamedTuple

from seat_report.domain.problems import Problem
from seat_report.domain.tenants import TenantType


class Customer(NamedTuple):
    """One listed customer.

    `tenant_types` are the types it is limited to, None for all; `row` is its row in the Customers tab, counted from 1;
    the report leaves out a customer that is not included.
    """

    customer_id: str
    name: str
    row: int
    tenant_types: tuple[TenantType, ...] | None = None
    is_included: bool = True


LONGEST_ID = 128


class CustomerList(NamedTuple):
    """The Customers tab, parsed: its customers in their order, each once, and the problems of its rows.

    `unusable` is the number of rows with an invalid ID; `unreadable` how many of them hold an error, such as that of a
    formula that is broken or still loading.
    """

    customers: tuple[Customer, ...]
    problems: tuple[Problem, ...] = ()
    unusable: int = 0
    unreadable: int = 0

    @property
    def included(self) -> tuple[Customer, ...]:
        """The customers that belong in the report."""
        return tuple(customer for customer in self.customers if customer.is_included)


_URL_SYNTAX = re.compile(r"[/\\?#%]")


def invalid_id_reason(text: str) -> str | None:
    """Why the text (trimmed) is not a valid customer ID, and what to do; None if it is valid.

    IDs become part of a request's URL, so characters with a meaning there are refused.
    """
    if text.startswith("#"):
        return "The cell shows an error instead of an ID. Correct its formula, or enter the ID again."
    if len(text) > LONGEST_ID:
        return f"It has {len(text)} characters; an ID has at most {LONGEST_ID}. Copy the ID from AvePoint again."
    if any(unicodedata.category(character)[0] in "CZ" for character in text):
        return "An ID has no spaces, line breaks or invisible characters. Copy it from AvePoint again."
    if ".." in text or text == "." or _URL_SYNTAX.search(text):
        return "An ID can't contain / \\ ? # % or two dots in a row. Copy it from AvePoint again."
    return None
