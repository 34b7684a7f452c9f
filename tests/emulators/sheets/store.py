"""All spreadsheets of the service, and changing one: on a copy that replaces it when everything went well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from tests.emulators.clock import Clock

from .batch.registry import Batch
from .document import Spreadsheet
from .engine import Calculator, zone_of
from .errors import Json, not_found
from .view import View

T = TypeVar("T")


@dataclass
class File:
    """A spreadsheet as Drive knows it."""

    spreadsheet: Spreadsheet
    created: datetime
    modified: datetime
    parents: list[str] = field(default_factory=list)
    permissions: list[Json] = field(default_factory=list)
    calculator: Calculator = field(default_factory=Calculator)
    trashed: bool = False


class Store:
    """The spreadsheets by id."""

    def __init__(self, clock: Clock) -> None:
        self.files: dict[str, File] = {}
        self.clock = clock

    def add(self, spreadsheet: Spreadsheet, owner: str) -> File:
        """Take up a new spreadsheet."""
        moment = self.clock.now()
        file = File(spreadsheet, moment, moment)
        file.permissions.append(
            {
                "kind": "drive#permission",
                "id": "1",
                "type": "user",
                "role": "owner",
                "emailAddress": owner,
                "displayName": owner,
            }
        )
        self.files[spreadsheet.spreadsheet_id] = file
        return file

    def file(self, spreadsheet_id: str) -> File:
        """Give a file; raises ApiError if there is none."""
        if spreadsheet_id not in self.files:
            raise not_found()
        return self.files[spreadsheet_id]

    def local_time(self, spreadsheet: Spreadsheet) -> datetime:
        """Give the time on the clocks of a spreadsheet's time zone."""
        return self.clock.now().astimezone(zone_of(spreadsheet)).replace(tzinfo=None)

    def view(self, spreadsheet_id: str) -> View:
        """Give a spreadsheet as it is seen now."""
        file = self.file(spreadsheet_id)
        return View(file.spreadsheet, file.calculator, self.local_time(file.spreadsheet))

    def change(self, spreadsheet_id: str, caller: str, work: Callable[[Batch], T]) -> T:
        """Do some work on a copy of a spreadsheet; the copy replaces it unless the work raises."""
        file = self.file(spreadsheet_id)
        now = self.local_time(file.spreadsheet)
        batch = Batch(file.spreadsheet.copy(), file.calculator, caller, now)
        done = work(batch)
        batch.name_table_columns()
        file.spreadsheet = batch.spreadsheet
        file.modified = self.clock.now()
        return done
