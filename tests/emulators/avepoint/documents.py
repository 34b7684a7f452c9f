"""Reads and writes the JSON forms of customers, faults and options."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter

from tests.emulators.avepoint.data import Customer
from tests.emulators.avepoint.faults import Fault
from tests.emulators.avepoint.options import Options


class _Customers(BaseModel):
    model_config = ConfigDict(extra="forbid")

    customers: tuple[Customer, ...]


_CUSTOMER = TypeAdapter(Customer)
_FAULT = TypeAdapter(Fault)
_FAULTS = TypeAdapter(tuple[Fault, ...])
_OPTIONS = TypeAdapter(Options)


def customers_from_json(text: bytes | str) -> tuple[Customer, ...]:
    """Return the customers of a data file, `{"customers": [...]}`; raises ValueError that says where it is wrong."""
    return _Customers.model_validate_json(text).customers


def customers_to_json(customers: Iterable[Customer]) -> bytes:
    """Return the data file of these customers."""
    return _Customers(customers=tuple(customers)).model_dump_json(indent=2).encode()


def customer_from_json(text: bytes | str) -> Customer:
    """Return one customer; raises ValueError."""
    return _CUSTOMER.validate_json(text)


def fault_from_json(text: bytes | str) -> Fault:
    """Return a fault; raises ValueError."""
    return _FAULT.validate_json(text)


def faults_from_json(text: bytes | str) -> tuple[Fault, ...]:
    """Return the faults of an array; raises ValueError."""
    return _FAULTS.validate_json(text)


def fault_to_python(fault: Fault) -> dict[str, Any]:
    """Return a fault as JSON has it, without the fields that say nothing."""
    document: dict[str, Any] = _FAULT.dump_python(fault, mode="json", exclude_defaults=True)
    return document


def options_with(options: Options, changes: Mapping[str, object]) -> Options:
    """Return the options with these fields changed; raises ValueError for a field that isn't one or a wrong value."""
    return _OPTIONS.validate_python({**options_to_python(options), **changes})


def options_to_python(options: Options) -> dict[str, Any]:
    """Return options as JSON has them."""
    document: dict[str, Any] = _OPTIONS.dump_python(options, mode="json")
    return document
