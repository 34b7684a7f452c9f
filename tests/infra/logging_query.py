"""The subset of the Logging query language that our filters use; anything else is rejected.

Source: Google's "Logging query language". Text comparisons ignore case and match the full text; a comparison with
a missing field is false; severities are ordered. NOT is true where its comparison is false, a missing field included.
OR binds tighter than AND, unlike nearly everywhere else, so a query that mixes the two without parentheses is rejected.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

SEVERITIES = ("DEFAULT", "DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL", "ALERT", "EMERGENCY")
_TOKEN = re.compile(
    r"""\s*(?:(?P<punctuation>[()])|(?P<word>AND|OR|NOT)\b|(?P<field>[A-Za-z_]+(?:\.(?:[A-Za-z_][A-Za-z0-9_]*|"[^"]+"))*)
    \s*(?P<operator>>=|<=|=)\s*(?P<value>"[^"]*"|-?\d+(?:\.\d+)?|true|false|[A-Z]+))""",
    re.VERBOSE,
)
_EXTRACTOR = re.compile(r"^EXTRACT\(([A-Za-z_][A-Za-z0-9_.]*)\)$")

Entry = Mapping[str, Any]
Query = Callable[[Entry], bool]


class UnknownSyntaxError(ValueError):
    """The query uses syntax outside the subset."""


def parse(query: str) -> Query:
    """Compile a query into a predicate for log entries."""
    tokens = _tokens(query)
    result, rest = _expression(tokens)
    if rest:
        raise UnknownSyntaxError(f"{query!r} goes on after its end")
    return result


def extract(extractor: str, entry: Entry) -> object:
    """The value of `EXTRACT(field)`; None if the field is missing."""
    match = _EXTRACTOR.match(extractor)
    if not match:
        raise UnknownSyntaxError(extractor)
    return _value_of(match.group(1), entry)


def _tokens(query: str) -> list[re.Match[str]]:
    tokens = []
    position = 0
    while query[position:].strip():
        match = _TOKEN.match(query, position)
        if not match:
            raise UnknownSyntaxError(f"can't read {query[position:]!r}")
        tokens.append(match)
        position = match.end()
    return tokens


def _expression(tokens: list[re.Match[str]]) -> tuple[Query, list[re.Match[str]]]:
    term, tokens = _term(tokens)
    terms = [term]
    operators = set()
    while tokens and tokens[0]["word"] in ("AND", "OR"):
        operators.add(tokens[0]["word"])
        term, tokens = _term(tokens[1:])
        terms.append(term)
    if len(operators) > 1:
        raise UnknownSyntaxError("AND and OR side by side need parentheses")
    combine = any if operators == {"OR"} else all
    return lambda entry: combine(term(entry) for term in terms), tokens


def _term(tokens: list[re.Match[str]]) -> tuple[Query, list[re.Match[str]]]:
    if not tokens:
        raise UnknownSyntaxError("the query ends too early")
    first, *rest = tokens
    if first["word"] == "NOT":
        inner, rest = _term(rest)
        return lambda entry: not inner(entry), rest
    if first["punctuation"] == "(":
        inner, rest = _expression(rest)
        if not rest or rest[0]["punctuation"] != ")":
            raise UnknownSyntaxError("a parenthesis is not closed")
        return inner, rest[1:]
    if not first["field"]:
        raise UnknownSyntaxError(f"found {first.group()!r} instead of a comparison")
    return _comparison(first["field"], first["operator"], first["value"]), rest


def _comparison(field: str, operator: str, text: str) -> Query:
    if field == "severity":
        threshold = SEVERITIES.index(text)
        return lambda entry: _compare(operator, SEVERITIES.index(str(entry.get("severity", "DEFAULT"))), threshold)
    if text.startswith('"'):
        if operator != "=":
            raise UnknownSyntaxError(f"{field}{operator}{text} orders texts")
        folded = text[1:-1].casefold()
        return lambda entry: isinstance(value := _value_of(field, entry), str) and value.casefold() == folded
    if text in ("true", "false"):
        if operator != "=":
            raise UnknownSyntaxError(f"{field}{operator}{text} orders truth")
        return lambda entry: _value_of(field, entry) is (text == "true")
    if text[-1].isdigit():
        return lambda entry: (
            isinstance(value := _value_of(field, entry), int | float)
            and not isinstance(value, bool)
            and _compare(operator, value, float(text))
        )
    raise UnknownSyntaxError(f"{text} needs quotation marks")


def _compare(operator: str, left: float, right: float) -> bool:
    return left == right if operator == "=" else left >= right if operator == ">=" else left <= right


def _value_of(field: str, entry: Entry) -> object:
    value: object = entry
    for quoted, plain in re.findall(r'"([^"]+)"|([A-Za-z0-9_]+)', field):
        value = value.get(quoted or plain) if isinstance(value, Mapping) else None
    return value
