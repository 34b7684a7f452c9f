"""Errors that end a run, as opposed to problems of one customer."""

from datetime import datetime
from typing import NamedTuple


class Fault(NamedTuple):
    """One wrong setting or permission: its name, what is wrong with it and what to do about it."""

    setting: str
    wrong: str
    remedy: str

    def __str__(self) -> str:
        """The setting with what is wrong, then the remedy, as two sentences."""
        return f"{self.setting}: {self.wrong}. {self.remedy}"


class RunError(Exception):
    """The run can't continue; the message is meant for people and holds no secret."""


class ConfigurationError(RunError):
    """Something that only an operator can fix; carries every fault found, not just the first."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = faults


class SpreadsheetError(RunError):
    """The spreadsheet could not be reached or written, and no permanent cause is known: a later run may succeed."""


class RunUnderWayError(RunError):
    """Another run is under way, so this one changed nothing; `until` is when that run can't be any more, if known."""

    def __init__(self, message: str, until: datetime | None = None) -> None:
        super().__init__(message)
        self.until = until


class AvePointError(RunError):
    """AvePoint answered for no customer; the report was still updated and shows what is stale."""
