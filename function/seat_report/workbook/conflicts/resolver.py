"""What a write was to leave in every tab, kept until it was read back, and what has to be mended then. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from seat_report.workbook.conflicts import block, detection
from seat_report.workbook.conflicts.block import BlockExpectation
from seat_report.workbook.conflicts.detection import Expectation
from seat_report.workbook.conflicts.repair import Repair
from seat_report.workbook.sheets_api import Snapshot, Step, Tab
from seat_report.workbook.tables import BlockPatch, Patch


@dataclass(frozen=True, slots=True)
class Repairs:
    """The spreadsheet as it will stand once it is mended, and the requests for that; often none."""

    snapshot: Snapshot
    steps: tuple[Step, ...] = ()
    tables: dict[int, Repair] = field(default_factory=dict)


@dataclass(slots=True)
class ConflictResolver:
    """What the last write was to leave behind; nothing before the first."""

    _tables: list[Expectation] = field(default_factory=list)
    _block: BlockExpectation | None = None

    def expect(self, patches: Iterable[Patch | BlockPatch], after: Repairs) -> None:
        """Keep what these patches make of the tables and of the Overview's block, after what was mended."""
        self.forget()
        for patch in patches:
            if isinstance(patch, BlockPatch):
                self._block = BlockExpectation.of(patch, after.snapshot)
            elif not patch.is_empty:
                self._tables.append(Expectation.of(patch, after.tables.get(patch.table.tab.sheet_id)))

    def forget(self) -> None:
        """All is as it was to be."""
        self._tables, self._block = [], None

    def repairs(self, present: Snapshot) -> Repairs:
        """What has to be mended in the spreadsheet as it was read back."""
        steps: list[Step] = []
        tables: dict[int, Repair] = {}
        tabs: list[Tab] = []
        for expectation in self._tables:
            tab = _same_tab(present, expectation.table.tab)
            if tab is not None and (repaired := detection.repair_of(expectation, tab)):
                tables[tab.sheet_id] = repaired
                tabs.append(repaired.tab)
                steps.extend(repaired.steps())
        if self._block is not None and (cells := block.misplaced_cells(self._block, present)):
            sheet_id = self._block.block.sheet_id
            steps.append(Step(tuple(block.restore_requests(sheet_id, cells))))
            overview = next(tab for tab in present.tabs.values() if tab.sheet_id == sheet_id)
            tabs.append(block.with_cells(overview, cells))
        mended_tabs = {tab.title: tab for tab in tabs}
        snapshot = replace(present, tabs={**present.tabs, **mended_tabs}) if tabs else present
        return Repairs(snapshot, tuple(steps), tables)


def _same_tab(present: Snapshot, tab: Tab) -> Tab | None:
    """The tab as it is now, whatever its title; None if it is gone, or was not read."""
    return next((one for one in present.tabs.values() if one.sheet_id == tab.sheet_id and one.rows), None)
