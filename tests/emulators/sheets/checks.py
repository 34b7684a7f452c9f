"""What makes a condition, a rule or its format valid, as the API's prose says."""

from __future__ import annotations

from .errors import Json, invalid

RULE, VALIDATION, FILTER = "conditional formatting", "data validation", "filters"

_EVERYWHERE = frozenset({RULE, VALIDATION, FILTER})
_SHOWN = frozenset({RULE, FILTER})
_CHECKED = frozenset({VALIDATION})
_ANY = 1_000_000

# Of each type of condition: the fewest and the most values that it takes, and where it may be used.
# Source: the descriptions of BooleanCondition.type in the discovery document.
CONDITIONS: dict[str, tuple[int, int, frozenset[str]]] = {
    **dict.fromkeys(
        ("NUMBER_GREATER", "NUMBER_GREATER_THAN_EQ", "NUMBER_LESS", "NUMBER_LESS_THAN_EQ"), (1, 1, _EVERYWHERE)
    ),
    **dict.fromkeys(("NUMBER_EQ", "NUMBER_NOT_EQ", "TEXT_CONTAINS", "TEXT_NOT_CONTAINS"), (1, 1, _EVERYWHERE)),
    **dict.fromkeys(("TEXT_EQ", "DATE_EQ", "DATE_BEFORE", "DATE_AFTER", "CUSTOM_FORMULA"), (1, 1, _EVERYWHERE)),
    **dict.fromkeys(("NUMBER_BETWEEN", "NUMBER_NOT_BETWEEN"), (2, 2, _EVERYWHERE)),
    **dict.fromkeys(("TEXT_STARTS_WITH", "TEXT_ENDS_WITH"), (1, 1, _SHOWN)),
    **dict.fromkeys(("BLANK", "NOT_BLANK"), (0, 0, _SHOWN)),
    **dict.fromkeys(("TEXT_IS_EMAIL", "TEXT_IS_URL", "DATE_IS_VALID"), (0, 0, _CHECKED)),
    **dict.fromkeys(("DATE_ON_OR_BEFORE", "DATE_ON_OR_AFTER", "ONE_OF_RANGE"), (1, 1, _CHECKED)),
    **dict.fromkeys(("DATE_BETWEEN", "DATE_NOT_BETWEEN"), (2, 2, _CHECKED)),
    "ONE_OF_LIST": (1, _ANY, _CHECKED),
    "BOOLEAN": (0, 2, _CHECKED),
}
_RELATIVE = frozenset({"DATE_BEFORE", "DATE_AFTER", "DATE_ON_OR_BEFORE", "DATE_ON_OR_AFTER"})
# Underlining is not in the API's list of what a rule may format; Sheets itself offers it, so it is taken here.
_RULE_FORMAT = frozenset({"backgroundColor", "backgroundColorStyle", "textFormat"})
_RULE_TEXT = frozenset({"bold", "italic", "strikethrough", "underline", "foregroundColor", "foregroundColorStyle"})


def check_condition(condition: Json, where: str) -> None:
    """Raise ApiError for a condition that isn't valid, or not where it is used; its values' locale is not looked at."""
    kind = condition.get("type", "CONDITION_TYPE_UNSPECIFIED")
    fewest, most, uses = CONDITIONS.get(kind, (0, 0, frozenset()))
    if where not in uses:
        raise invalid(f"Condition type '{kind}' is not supported in {where}.")
    values = condition.get("values", [])
    if not fewest <= len(values) <= most:
        wanted = str(fewest) if fewest == most else f"{fewest} to {most}" if most < _ANY else f"at least {fewest}"
        raise invalid(f"Condition type '{kind}' requires {wanted} ConditionValue(s), but {len(values)} were given.")
    for value in values:
        _check_value(kind, value, where)


def _check_value(kind: str, value: Json, where: str) -> None:
    if ("relativeDate" in value) == ("userEnteredValue" in value):
        raise invalid("A ConditionValue must specify either a relativeDate or a userEnteredValue.")
    if "relativeDate" in value:
        if kind not in _RELATIVE or where == VALIDATION or value["relativeDate"] == "RELATIVE_DATE_UNSPECIFIED":
            raise invalid(f"Invalid ConditionValue.relativeDate: {value['relativeDate']}")
    elif kind == "CUSTOM_FORMULA" and not value["userEnteredValue"].startswith(("=", "+")):
        raise invalid(f"Invalid ConditionValue.userEnteredValue: {value['userEnteredValue']}")


def check_validation(rule: Json) -> None:
    """Raise ApiError for a data validation rule that isn't valid."""
    if "condition" not in rule:
        raise invalid("A data validation rule must specify a condition.")
    check_condition(rule["condition"], VALIDATION)


def check_rule_format(given: Json) -> None:
    """Raise ApiError if a rule's format sets what conditional formatting can't."""
    extra = [name for name in given if name not in _RULE_FORMAT]
    extra += [f"textFormat.{name}" for name in given.get("textFormat", {}) if name not in _RULE_TEXT]
    if extra:
        raise invalid(f"Conditional formatting does not support the format {', '.join(extra)}.")


def check_gradient(gradient: Json) -> None:
    """Raise ApiError for a colour scale without its ends, or with a point that has no value where it needs one."""
    for name in ("minpoint", "maxpoint"):
        if name not in gradient:
            raise invalid(f"A gradient rule must specify a {name}.")
    for name, point in gradient.items():
        kind = point.get("type", "INTERPOLATION_POINT_TYPE_UNSPECIFIED")
        if kind.endswith("UNSPECIFIED"):
            raise invalid(f"The {name} of a gradient rule must specify a type.")
        if kind not in ("MIN", "MAX") and not point.get("value"):
            raise invalid(f"The {name} of a gradient rule must specify a value.")
        if name == "midpoint" and kind in ("MIN", "MAX"):
            raise invalid("The midpoint of a gradient rule cannot be of type MIN or MAX.")
