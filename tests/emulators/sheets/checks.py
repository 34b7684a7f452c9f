"""What makes a rule's format and colour scale valid, as the API's prose says."""

from __future__ import annotations

from .errors import Json, invalid

# Underlining is not in the API's list of what a rule may format; Sheets itself offers it, so it is taken here.
_RULE_FORMAT = frozenset({"backgroundColor", "backgroundColorStyle", "textFormat"})
_RULE_TEXT = frozenset({"bold", "italic", "strikethrough", "underline", "foregroundColor", "foregroundColorStyle"})


def check_rule_format(given: Json) -> None:
    """Raise ApiError if a rule's format sets what conditional formatting can't."""
    extra = [name for name in given if name not in _RULE_FORMAT]
    extra += [f"textFormat.{name}" for name in given.get("textFormat", {}) if name not in _RULE_TEXT]
    if extra:
        raise invalid(f"Conditional formatting does not support the format {', '.join(extra)}.")


def check_gradient_points(gradient: Json) -> None:
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
