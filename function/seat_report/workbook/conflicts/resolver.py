"""Keep what a write should leave in every tab until the tabs are read back, then find what needs repair. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from seat_report.workbook.conflicts import block, detection
from seat_report.workbook.conflicts.block import BlockExpectation
from seat_report.workbook.conflicts.detection import Expectation
from seat_report.workbook.conflicts.kept_values import KeptValue, kept_in_block, kept_in_table
from seat_report.workbook.conflicts.repair import Repair
from seat_report.workbook.sheets_api import Snapshot, Step, Tab
from seat_report.workbook.tables import BlockPatch, Patch, set_range


@dataclass(frozen=True, slots=True)
class Repairs:
    """The requests that repair the spreadsheet, usually none, and the spreadsheet as it will be after them."""

    snapshot: Snapshot
    steps: tuple[Step, ...] = ()
    tables: dict[int, Repair] = field(default_factory=dict)


@dataclass(slots=True)
class ConflictResolver:
    """Knows what the last write should have left behind; nothing before the first write."""

    _tables: list[Expectation] = field(default_factory=list)
    _block: BlockExpectation | None = None

    def expect(self, patches: Iterable[Patch | BlockPatch], after: Repairs) -> None:
        """Remember what these patches should make of the tables and of the Overview's block, after the repairs."""
        self.forget()
        for patch in patches:
            if isinstance(patch, BlockPatch):
                self._block = BlockExpectation.of(patch, after.snapshot)
            elif not patch.is_empty:
                self._tables.append(Expectation.of(patch, after.tables.get(patch.table.tab.sheet_id)))

    def forget(self) -> None:
        """Forget the last write: all of it is as expected."""
        self._tables, self._block = [], None

    def kept_differently(self, patches: Iterable[Patch | BlockPatch]) -> list[KeptValue]:
        """The cells that these patches want as the last write wrote them; empty if they want anything else too.

        Nobody's edit looks like this: Google took the values and keeps others.
        """
        kept: list[KeptValue] = []
        expectations = {expectation.table.tab.sheet_id: expectation for expectation in self._tables}
        for patch in patches:
            if next(patch.steps(), None) is None:
                continue
            found: list[KeptValue] | None = None
            if isinstance(patch, BlockPatch):
                found = kept_in_block(self._block, patch) if self._block else None
            elif (expectation := expectations.get(patch.table.tab.sheet_id)) is not None:
                found = kept_in_table(expectation, patch)
            if not found:
                return []
            kept.extend(found)
        return kept

    def repairs(self, snapshot: Snapshot) -> Repairs:
        """What needs repair in the spreadsheet as it was read back."""
        steps: list[Step] = []
        tables: dict[int, Repair] = {}
        tabs: list[Tab] = []
        for expectation in self._tables:
            tab = _same_tab(snapshot, expectation.table.tab)
            if tab is not None and (repair := detection.repair_of(expectation, tab)):
                tables[tab.sheet_id] = repair
                tabs.append(repair.tab)
                steps.extend(repair.steps())
        named, named_ids = snapshot.named, snapshot.named_ids
        if self._block is not None:
            name, sheet_id = self._block.name, self._block.block.sheet_id
            moved = block.moved_block(self._block, snapshot)
            if moved is not None:
                # With an id that is known before it is written, as the plan that follows may set the range once more.
                new_id = block.range_id(named_ids.get(name), moved)
                steps.append(Step(tuple(set_range(name, moved, named_ids.get(name), new_id))))
                named, named_ids = {**named, name: moved}, {**named_ids, name: new_id}
            pushed_out = block.pushed_out_cells(self._block, snapshot, moved)
            leftover = block.leftover_cells(self._block, snapshot, moved)
            cells = {**leftover, **pushed_out, **block.misplaced_cells(self._block, snapshot, moved)}
            if cells:
                steps.append(Step(tuple(block.restore_requests(sheet_id, cells))))
                overview = next(tab for tab in snapshot.tabs.values() if tab.sheet_id == sheet_id)
                tabs.append(block.with_cells(overview, cells))
        repaired_tabs = {tab.title: tab for tab in tabs}
        after = (
            replace(snapshot, tabs={**snapshot.tabs, **repaired_tabs}, named=named, named_ids=named_ids)
            if steps
            else snapshot
        )
        return Repairs(after, tuple(steps), tables)


def _same_tab(snapshot: Snapshot, tab: Tab) -> Tab | None:
    """The same tab as read back, even under another title; None if it is gone or was not read."""
    return next((other for other in snapshot.tabs.values() if other.sheet_id == tab.sheet_id and other.rows), None)
