"""The colours of our tabs."""

from collections.abc import Mapping

Colour = Mapping[str, float]

HEADER_FILL: Colour = {"red": 0.16, "green": 0.25, "blue": 0.38}
WHITE: Colour = {"red": 1.0, "green": 1.0, "blue": 1.0}
BAND: Colour = {"red": 0.96, "green": 0.97, "blue": 0.99}
AMBER: Colour = {"red": 1.0, "green": 0.93, "blue": 0.75}
RED: Colour = {"red": 0.98, "green": 0.85, "blue": 0.84}
GREY: Colour = {"red": 0.92, "green": 0.92, "blue": 0.92}
BLUE: Colour = {"red": 0.86, "green": 0.92, "blue": 0.99}
INK_RED: Colour = {"red": 0.65, "green": 0.09, "blue": 0.09}
INK_BLUE: Colour = {"red": 0.08, "green": 0.34, "blue": 0.66}
# Of people's columns, so that they see at a glance where to type.
YELLOW: Colour = {"red": 1.0, "green": 0.98, "blue": 0.86}
YELLOW_HEADER: Colour = {"red": 0.98, "green": 0.9, "blue": 0.6}
BLACK: Colour = {"red": 0.0, "green": 0.0, "blue": 0.0}
GREEN: Colour = {"red": 0.86, "green": 0.95, "blue": 0.87}

# The tenant types' columns in a chart, in their order.
TYPE_INKS: tuple[Colour, ...] = (
    {"red": 0.27, "green": 0.45, "blue": 0.65},
    {"red": 0.45, "green": 0.69, "blue": 0.69},
    {"red": 0.93, "green": 0.75, "blue": 0.42},
    {"red": 0.62, "green": 0.55, "blue": 0.72},
)
