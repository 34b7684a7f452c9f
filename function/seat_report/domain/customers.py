"""Customers as people list them, and which texts can be a customer's ID."""

import re
import unicodedata
from typing import NamedTuple

from seat_report.domain.problems import Problem
from seat_report.domain.tenants import TenantType


class Customer(NamedTuple):
    """One customer that people listed.

    `tenant_types` are those that they limited it to, None for all; `row` is its row in the Customers tab, counted
    from 1; one that is not included is to be left out of the report.
    """

    customer_id: str
    name: str
    row: int
    tenant_types: tuple[TenantType, ...] | None = None
    is_included: bool = True


LONGEST_ID = 128


class CustomerList(NamedTuple):
    """What the tab says: its customers in their order, each once, and the problems of its rows.

    `unusable` is how many rows have an ID that can't be one.
    """

    customers: tuple[Customer, ...]
    problems: tuple[Problem, ...] = ()
    unusable: int = 0

    @property
    def included(self) -> tuple[Customer, ...]:
        """The customers that people want to see."""
        return tuple(customer for customer in self.customers if customer.is_included)


_NOT_IN_AN_ADDRESS = re.compile(r"[/\\?#%]")


def invalid_id_reason(text: str) -> str | None:
    """Why the text (trimmed) can't be a customer ID, and what to do; None if it can.

    An ID goes into the address of a request, so whatever has a meaning there is refused.
    """
    if text.startswith("#"):
        return "The cell shows an error instead of an ID: mend its formula, or type the ID again."
    if len(text) > LONGEST_ID:
        return f"It has {len(text)} characters, an ID has at most {LONGEST_ID}: copy the ID from AvePoint again."
    if any(unicodedata.category(character)[0] in "CZ" for character in text):
        return "An ID has no spaces, line breaks or invisible characters: copy it from AvePoint again."
    if ".." in text or text == "." or _NOT_IN_AN_ADDRESS.search(text):
        return "An ID has none of / \\ ? # % and no two dots in a row: copy it from AvePoint again."
    return None
