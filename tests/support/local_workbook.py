"""A spreadsheet of the local Sheets service, used without HTTP: apply plans and read the tabs back."""

from seat_report.workbook.plan import WritePlan
from seat_report.workbook.sheets_api.batching import batches
from seat_report.workbook.sheets_api.requests import Request
from seat_report.workbook.sheets_api.snapshot import CONTENT_MASK, Snapshot, parse
from seat_report.workbook.tables.columns import MARK_KEY
from tests.emulators.sheets.batch import run
from tests.emulators.sheets.document import Spreadsheet
from tests.emulators.sheets.encoding import encode
from tests.emulators.sheets.masks import for_answer
from tests.emulators.sheets.resource import default_properties, spreadsheet_resource
from tests.emulators.sheets.store import Store
from tests.support.clocks import ManualClock

_ID = "one"
_OWNER = "owner@example.com"


class LocalWorkbook:
    """A spreadsheet, without tabs at first."""

    def __init__(self) -> None:
        self._store = Store(ManualClock())
        self._store.add(Spreadsheet(_ID, default_properties("T", {})), _OWNER)

    def write(self, plan: WritePlan) -> None:
        """Apply the plan, batch by batch."""
        for requests in batches(plan.steps()):
            self._apply(requests)

    @property
    def snapshot(self) -> Snapshot:
        """All tabs with their content, as read by the function."""
        resource = spreadsheet_resource(self._store.view(_ID), "", for_answer(CONTENT_MASK, "Spreadsheet"))
        return parse(encode(resource, compact=True), MARK_KEY)

    def _apply(self, requests: list[Request]) -> None:
        self._store.change(_ID, _OWNER, lambda batch: run(batch, requests))
