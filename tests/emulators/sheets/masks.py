"""Field masks: which fields an answer holds, and which a request writes.

A mask is a tree of nested dicts; an empty dict selects everything below. The grammar is that of Google's partial
responses: paths with `.` or `/`, groups in parentheses, commas, `*` for everything. Names may be in the protocol's own
spelling, with underscores. White space is for the masks of requests: a URL's mask with any is refused.
"""

from __future__ import annotations

import copy
import re
from functools import lru_cache
from typing import Any

from .errors import Json, invalid, violations
from .schema import camel, is_read_only, properties

Mask = dict[str, Any]
ALL: Mask = {}

_TOKEN = re.compile(r"\s*([A-Za-z_][\w$-]*|[*.,/()])\s*")


@lru_cache(maxsize=1024)
def for_answer(text: str, schema: str) -> Mask:
    """Parse a `fields` parameter for an answer of the named schema; raises ApiError for a path that isn't in it."""
    try:
        mask = _parse(text)
    except ValueError as error:
        raise _bad_parameter(f"Invalid field mask: {error}") from error
    missing = next((path for path in re.split(r"[,()]", text) if path != "".join(path.split())), "")
    missing = missing or _first_unknown(mask, schema)
    if missing:
        raise _bad_parameter(f"Error expanding 'fields' parameter. Cannot find matching fields for path '{missing}'.")
    return _expand(mask, schema)


@lru_cache(maxsize=1024)
def for_update(text: str, schema: str) -> Mask:
    """Parse the `fields` of a request that writes a message of the named schema.

    `*` is every field that can be written; a path to one that only the service fills in is refused.
    """
    if not text.strip():
        raise invalid("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
    try:
        mask = _parse(text)
    except ValueError as error:
        raise invalid(f"Invalid field mask: {error}") from error
    missing = _first_unknown(mask, schema)
    if missing:
        raise invalid(f"Invalid field: {missing}")
    fixed = _first_read_only(mask, schema)
    if fixed:
        raise invalid(f"Field is read-only: {fixed}")
    return _expand(mask, schema) or {name: {} for name in properties(schema) if not is_read_only(schema, name)}


def parse_loosely(text: str) -> Mask:
    """Parse a `fields` parameter for an answer whose schema is not known here."""
    try:
        mask = _parse(text)
    except ValueError as error:
        raise _bad_parameter(f"Invalid field selection {error}") from error
    return _without_stars(mask)


def _without_stars(mask: Mask) -> Mask:
    return {} if "*" in mask else {name: _without_stars(inner) for name, inner in mask.items()}


def project(value: Any, mask: Mask) -> Any:
    """Give what the mask selects of a JSON value; parents stay, even empty."""
    if not mask:
        return value
    if isinstance(value, list):
        return [project(item, mask) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: project(item, mask[name]) for name, item in value.items() if name in mask}


def merge(target: Json, source: Json, mask: Mask) -> Json:
    """Give `target` with the masked fields as they are in `source`; a masked field that `source` lacks goes."""
    merged = dict(target)
    for name, below in mask.items():
        if below and isinstance(merged.get(name, source.get(name, {})), dict):
            inner = merge(merged.get(name, {}), source.get(name, {}), below)
            if inner or name in source:
                merged[name] = inner
            else:
                merged.pop(name, None)
        elif name in source:
            merged[name] = copy.deepcopy(source[name])
        else:
            merged.pop(name, None)
    return merged


def selects(mask: Mask, *path: str) -> bool:
    """Tell whether the mask selects anything at or below the path."""
    for name in path:
        if not mask:
            return True
        if name not in mask:
            return False
        mask = mask[name]
    return True


def below(mask: Mask, *path: str) -> Mask:
    """Give the part of the mask under a path that it selects."""
    for name in path:
        mask = mask.get(name, {})
    return mask


def _bad_parameter(description: str) -> Exception:
    return violations([("", description)], "Request contains an invalid argument.")


def _parse(text: str) -> Mask:
    tokens = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if not match:
            raise ValueError(text)
        tokens.append(match.group(1))
        position = match.end()
    mask, rest = _list(tokens, text)
    if rest:
        raise ValueError(text)
    return mask


def _list(tokens: list[str], text: str) -> tuple[Mask, list[str]]:
    mask: Mask = {}
    while True:
        tokens = _path(mask, tokens, text)
        if tokens[:1] != [","]:
            return mask, tokens
        tokens = tokens[1:]


def _path(mask: Mask, tokens: list[str], text: str) -> list[str]:
    """Read one path into the mask; give the tokens that follow it."""
    while True:
        if not tokens or tokens[0] in ".,/()":
            raise ValueError(text)
        name, tokens = tokens[0], tokens[1:]
        is_new = name not in mask
        if tokens[:1] in (["."], ["/"]):
            # A parent that is selected whole stays whole.
            mask = mask.setdefault(name, {}) if is_new or mask[name] else {}
            tokens = tokens[1:]
            continue
        if tokens[:1] == ["("]:
            inner, rest = _list(tokens[1:], text)
            if rest[:1] != [")"]:
                raise ValueError(text)
            if is_new or mask[name]:
                _unite(mask.setdefault(name, {}), inner)
            return rest[1:]
        mask[name] = {}
        return tokens


def _unite(target: Mask, other: Mask) -> None:
    for name, inner in other.items():
        if name in target and target[name] and inner:
            _unite(target[name], inner)
        else:
            target[name] = {} if name in target else inner


def _first_unknown(mask: Mask, schema: str, prefix: str = "") -> str:
    fields = properties(schema)
    for name, inner in mask.items():
        if name == "*":
            continue
        path = prefix + name
        prop = fields.get(_own_name(name, fields))
        if prop is None:
            return path
        message = _message_of(prop)
        if inner and not message:
            return f"{path}.{next(iter(inner))}"
        if inner and message:
            missing = _first_unknown(inner, message, path + ".")
            if missing:
                return missing
    return ""


def _first_read_only(mask: Mask, schema: str, prefix: str = "") -> str:
    """Give the first path of a known mask to a field that can't be written, empty if there is none."""
    fields = properties(schema)
    for name, inner in mask.items():
        if name == "*":
            continue
        own = _own_name(name, fields)
        if is_read_only(schema, own):
            return prefix + name
        message = _message_of(fields[own])
        found = _first_read_only(inner, message, f"{prefix}{name}.") if message else ""
        if found:
            return found
    return ""


def _own_name(name: str, fields: Json) -> str:
    """Give a field's name in the API's spelling."""
    return name if name in fields else camel(name)


def _message_of(prop: Json) -> str:
    if "items" in prop:
        prop = prop["items"]
    if "additionalProperties" in prop:
        prop = prop["additionalProperties"]
    found: str = prop.get("$ref", "")
    return found


def _expand(mask: Mask, schema: str) -> Mask:
    """Replace `*`: alone it is everything; with a path behind it, that path in every field that has it."""
    fields = properties(schema)
    expanded: Mask = {}
    inner = mask.get("*")
    if inner is not None:
        if not inner:
            return {}
        for name, prop in fields.items():
            message = _message_of(prop)
            if message and not _first_unknown(inner, message):
                expanded[name] = _expand(inner, message)
    for name, part in mask.items():
        if name == "*":
            continue
        own = _own_name(name, fields)
        wanted = _expand(part, _message_of(fields[own])) if part else {}
        if own in expanded and expanded[own] and wanted:
            _unite(expanded[own], wanted)
        else:
            expanded[own] = {} if own in expanded else wanted
    return expanded
