"""What a request asks for: parameters of the query string, of a form or of a JSON object, checked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

from seat_report.customers import why_no_id
from seat_report.result import Order
from seat_report.seats import TenantType
from seat_report.workbook.snapshot import Cell

Format = Literal["json", "html"]
_KNOWN = ("customer_id", "dry_run", "format", "tenant_type")
_TRUE = {"true", "1", "yes", "on"}
_FALSE = {"false", "0", "no", "off"}


class BadRequestError(Exception):
    """The request can't be understood; the text says what was found and what is expected."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What to run, and in which format to answer."""

    order: Order
    format: Format


def parse(request: Request) -> Asked:
    """The request's parameters; raises BadRequestError for any that is unknown or malformed."""
    values: dict[str, list[str]] = {name: request.args.getlist(name) for name in request.args}
    for name, more in _body(request).items():
        values.setdefault(name, []).extend(more)
    if unknown := sorted(values.keys() - set(_KNOWN)):
        raise BadRequestError(f"found the parameter {_shown(unknown[0])}, expected some of: {', '.join(_KNOWN)}")
    order = Order(
        dry_run=_flag(values.get("dry_run", [])),
        customer_ids=tuple(dict.fromkeys(_customer_id(text) for text in values.get("customer_id", []))),
        tenant_types=_tenant_types(values.get("tenant_type", [])),
    )
    return Asked(order, _format(values.get("format", []), request))


def _body(request: Request) -> Mapping[str, list[str]]:
    if not request.get_data():
        return {}
    if request.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return _fields(request)
    try:
        found = request.get_json(force=True, silent=True)
    except RecursionError:
        found = None
    if not isinstance(found, dict):
        raise BadRequestError("found a body that is no JSON object, expected one, form fields, or no body")
    return {name: list(_texts(name, value)) for name, value in found.items()}


def _fields(request: Request) -> Mapping[str, list[str]]:
    try:
        form, files = request.form, request.files
    except RequestEntityTooLarge:
        raise BadRequestError("found a form too large to be read, expected a few short fields") from None
    # A form that can't be read comes as an empty one; run for nothing, it could write what was to be a dry run.
    if files or not form:
        raise BadRequestError("found a form without fields or with files, expected fields alone, or no body")
    return {name: form.getlist(name) for name in form}


def _texts(name: str, value: Any) -> Iterable[str]:
    if value == []:
        raise BadRequestError(f"{_shown(name)}: found an empty list, expected a value, or no such member")
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, bool):
            yield str(one).lower()
        elif isinstance(one, str | int):
            yield str(one)
        else:
            raise BadRequestError(f"{_shown(name)}: found {_shown(one)}, expected a text, a number, true or false")


def _single(name: str, values: list[str]) -> str | None:
    if len(values) > 1:
        raise BadRequestError(f"{name}: found {len(values)} values, expected one")
    return values[0].strip().casefold() if values else None


def _flag(values: list[str]) -> bool:
    text = _single("dry_run", values)
    if text is None or text in _FALSE:
        return False
    if text in _TRUE:
        return True
    raise BadRequestError(f"dry_run: found {_shown(text)}, expected true or false")


def _customer_id(text: str) -> str:
    text = text.strip()
    if not text:
        raise BadRequestError("customer_id: found nothing, expected a customer's ID")
    if why := why_no_id(Cell(text)):
        raise BadRequestError(f"customer_id: found {_shown(text)}. {why}")
    return text


def _tenant_types(values: list[str]) -> tuple[TenantType, ...]:
    try:
        wanted = {TenantType.parse(part) for value in values for part in value.split(",")}
    except ValueError as error:
        raise BadRequestError(f"tenant_type: {error}") from None
    return tuple(tenant_type for tenant_type in TenantType if tenant_type in wanted)


def _format(values: list[str], request: Request) -> Format:
    text = _single("format", values)
    if text == "json":
        return "json"
    if text == "html":
        return "html"
    if text is not None:
        raise BadRequestError(f"format: found {_shown(text)}, expected json or html")
    best = request.accept_mimetypes.best_match(["application/json", "text/html"], default="application/json")
    return "html" if best == "text/html" else "json"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:100]}…"
