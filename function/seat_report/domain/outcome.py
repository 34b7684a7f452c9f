"""How a run ended."""

import enum


class Outcome(enum.StrEnum):
    """How a run ended."""

    OK = "ok"
    PARTIAL = "partial"
    FAILED = "failed"
