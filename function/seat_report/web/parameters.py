"""Request parameters: read from the query string, a form or a JSON object, and validated."""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any, Literal, NamedTuple

from flask import Request
from werkzeug.datastructures import Headers
from werkzeug.exceptions import RequestEntityTooLarge

from seat_report.domain import RunRequest, TenantType, bare_id, invalid_id_reason, repeated

Format = Literal["json", "html"]
_RUN_PARAMETERS = ("customer_id", "dry_run", "format", "if_requested", "tenant_type")
_HEALTH_PARAMETERS = ("deep", "fresh")
_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
_AGE = re.compile(r"([1-9]\d{0,5})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_IAP_PREFIX = "accounts.google.com:"
_MAX_BY_LENGTH = 200
# The framework's own limit for a form; no legitimate request is larger.
MAX_BODY_BYTES = 500_000
_TOO_LARGE = "The request body is too large. Send only a few short values"
_MAX_CUSTOMERS = 1_000
_TRUE = {"true", "1", "yes", "on"}
_FALSE = {"false", "0", "no", "off"}


class BadRequestError(Exception):
    """The request is invalid; the message says what is wrong and what to send."""


class ParsedRequest(NamedTuple):
    """The run request, and the format of the response; with `if_requested` it is for a run only if one is asked for."""

    run_request: RunRequest
    format: Format
    if_requested: bool = False


class HealthRequest(NamedTuple):
    """What to check in addition to the settings: `deep` or not, and how old the newest good run may be."""

    deep: bool
    fresh: timedelta | None


def parse(request: Request) -> ParsedRequest:
    """Parse a request for a run; raises BadRequestError for any unknown or malformed parameter."""
    values = _validated_names(_all_values(request), _RUN_PARAMETERS)
    if "if_requested" in values:
        return _parse_if_requested(request, values)
    response_format = _format(values.get("format", []), request)
    ids = values.get("customer_id", [])
    if response_format == "html" and request.mimetype in _FORM_TYPES:
        # The page has one field for all IDs, which may be empty; IDs contain no spaces.
        ids = [part for text in ids for part in text.split()]
    if len(ids) > _MAX_CUSTOMERS:
        raise BadRequestError(
            f"customer_id: {len(ids):,} values are too many. Use at most {_MAX_CUSTOMERS:,}, or none for all customers"
        )
    run_request = RunRequest(
        dry_run=_flag("dry_run", values),
        customer_ids=tuple(dict.fromkeys(_customer_id(text) for text in ids)),
        tenant_types=_tenant_types(values.get("tenant_type", [])),
        trigger=_trigger(request),
        by=_requested_by(request.headers),
    )
    return ParsedRequest(run_request, response_format)


def _parse_if_requested(request: Request, values: Mapping[str, list[str]]) -> ParsedRequest:
    if_requested = _flag("if_requested", values)
    if request.method != "POST":
        raise BadRequestError(f"if_requested: not available with {request.method}; use POST")
    if others := sorted(values.keys() - {"if_requested"}):
        raise BadRequestError(f"if_requested: remove {others[0]}; no other parameter is allowed with it")
    trigger = "request" if if_requested else _trigger(request)
    return ParsedRequest(RunRequest(trigger=trigger, by=_requested_by(request.headers)), "json", if_requested)


def _trigger(request: Request) -> str:
    # The header proves nothing: it only affects the response and the run's row.
    return "schedule" if request.headers.get("X-CloudScheduler") == "true" else "manual"


def parse_health(request: Request) -> HealthRequest:
    """Parse a request for a health check; raises BadRequestError as `parse` does."""
    values = _validated_names({name: request.args.getlist(name) for name in request.args}, _HEALTH_PARAMETERS)
    text = _single("fresh", values.get("fresh", []))
    match = _AGE.fullmatch(text) if text is not None else None
    if text is not None and match is None:
        raise BadRequestError(f"fresh: {repeated(text)} is not valid; use an age such as 90m, 26h or 2d")
    return HealthRequest(_flag("deep", values), timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else None)


def wants_page(request: Request) -> bool:
    """Whether to respond with a page, even if the parameters are invalid."""
    requested = (request.args.get("format") or _format_in_body(request)).strip().casefold()
    return requested == "html" or (requested != "json" and _accepts_page(request))


def _format_in_body(request: Request) -> str:
    try:
        return next(iter(_body_values(request).get("format", [])), "")
    except BadRequestError:
        return ""


def _requested_by(headers: Headers) -> str:
    """Who sent the request according to the platform: a scheduler job, or a person behind an identity-aware proxy."""
    text = headers.get("X-CloudScheduler-JobName") or headers.get("X-Goog-Authenticated-User-Email") or ""
    printable = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(printable.split()).removeprefix(_IAP_PREFIX)[:_MAX_BY_LENGTH]


def _all_values(request: Request) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {name: request.args.getlist(name) for name in request.args}
    for name, body_values in _body_values(request).items():
        values.setdefault(name, []).extend(body_values)
    return values


def _validated_names(values: dict[str, list[str]], parameters: Collection[str]) -> dict[str, list[str]]:
    if unknown := sorted(values.keys() - set(parameters)):
        raise BadRequestError(f"Unknown parameter {repeated(unknown[0])}; use: {', '.join(parameters)}")
    return values


def _body_values(request: Request) -> Mapping[str, list[str]]:
    body = request.get_data()
    if len(body) > MAX_BODY_BYTES:
        raise BadRequestError(_TOO_LARGE)
    if body and request.mimetype in _FORM_TYPES:
        return _form_fields(request)
    return _json_members(body) if body else {}


def _json_members(body: bytes) -> Mapping[str, list[str]]:
    try:
        members = json.loads(body, object_pairs_hook=_unique_members)
    except (ValueError, RecursionError):
        members = None
    if not isinstance(members, dict):
        raise BadRequestError("Send JSON, form fields or an empty body; this body is not a JSON object")
    return {name: list(_as_texts(name, value)) for name, value in members.items()}


def _unique_members(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object; a repeated member is refused, since it is unclear which value is meant."""
    values = dict(members)
    if len(values) < len(members):
        repeated_name = next(name for name, count in Counter(name for name, _ in members).items() if count > 1)
        raise BadRequestError(
            f"{repeated(repeated_name)}: appears more than once; use it once, with a list for several values"
        )
    return values


def _form_fields(request: Request) -> Mapping[str, list[str]]:
    try:
        form, files = request.form, request.files
    except RequestEntityTooLarge:
        raise BadRequestError(_TOO_LARGE) from None
    # A form that can't be read looks empty; running it anyway could write where a dry run was meant.
    if files or not form:
        raise BadRequestError("This form has no readable fields, or has files; send form fields only, or an empty body")
    # A field of a multipart form may lack a name, which werkzeug returns as None despite its type hints.
    if any(name is None for name in form):
        raise BadRequestError("A form field has no name; give every field one")
    return {name: form.getlist(name) for name in form}


def _as_texts(name: str, value: Any) -> Iterable[str]:
    if value == []:
        raise BadRequestError(f"{repeated(name)}: the list is empty; give a value or leave it out")
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, bool):
            yield str(item).lower()
        elif isinstance(item, str | int):
            yield str(item)
        else:
            raise BadRequestError(f"{repeated(name)}: {repeated(item)} is not valid; use text, a number, true or false")


def _single(name: str, values: list[str]) -> str | None:
    if len(values) > 1:
        raise BadRequestError(f"{name}: {len(values)} values given; use one")
    return values[0].strip().casefold() if values else None


def _flag(name: str, values: Mapping[str, list[str]]) -> bool:
    text = _single(name, values.get(name, []))
    if text is None or text in _FALSE:
        return False
    if text in _TRUE:
        return True
    raise BadRequestError(f"{name}: {repeated(text)} is not valid; use true or false")


def _customer_id(text: str) -> str:
    text = bare_id(text)
    if not text:
        raise BadRequestError("customer_id: empty; give a customer's ID")
    if reason := invalid_id_reason(text):
        hint = " For several IDs, repeat customer_id." if len(text.split()) > 1 else ""
        raise BadRequestError(f"customer_id: {repeated(text)} is not valid. {reason}{hint}")
    return text


def _tenant_types(values: list[str]) -> tuple[TenantType, ...]:
    try:
        selected = {TenantType.parse(part) for value in values for part in value.split(",")}
    except ValueError as error:
        raise BadRequestError(f"tenant_type: {error}") from None
    return tuple(tenant_type for tenant_type in TenantType if tenant_type in selected)


def _format(values: list[str], request: Request) -> Format:
    text = _single("format", values)
    if text == "json":
        return "json"
    if text == "html":
        return "html"
    if text is not None:
        raise BadRequestError(f"format: {repeated(text)} is not valid; use json or html")
    return "html" if _accepts_page(request) else "json"


def _accepts_page(request: Request) -> bool:
    return request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"
