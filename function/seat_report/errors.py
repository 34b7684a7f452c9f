"""What ends a whole run, as opposed to the problems of one customer."""

from typing import NamedTuple


class Fault(NamedTuple):
    """One wrong setting or permission: which, what is wrong with it, and what to do about it."""

    setting: str
    wrong: str
    remedy: str

    def __str__(self) -> str:
        """One sentence a part."""
        return f"{self.setting}: {self.wrong}. {self.remedy}"


class RunError(Exception):
    """The run can't go on; its text is fit for people and holds no secret."""


class ConfigurationError(RunError):
    """Something that only an operator can mend; carries every fault found, not just the first."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = faults


class SpreadsheetError(RunError):
    """The spreadsheet could not be reached or written, for no lasting reason that is known; trying later may help."""


class RunUnderWayError(RunError):
    """Another run is going on, so this one has changed nothing."""


class AvePointError(RunError):
    """AvePoint answered for no customer; the report has been written nevertheless and shows what is stale."""
