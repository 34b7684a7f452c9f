"""What a write was to leave in every tab, kept until it was read back, and what has to be mended then. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from seat_report.workbook import astray, astray_block
from seat_report.workbook.astray import Memory
from seat_report.workbook.astray_block import BlockMemory
from seat_report.workbook.block import BlockPatch
from seat_report.workbook.mending import Mended
from seat_report.workbook.reconcile import Patch, Step
from seat_report.workbook.snapshot import Snapshot, Tab


@dataclass(frozen=True, slots=True)
class Mending:
    """The spreadsheet as it will stand once it is mended, and the requests for that; often none."""

    snapshot: Snapshot
    steps: tuple[Step, ...] = ()
    tables: dict[int, Mended] = field(default_factory=dict)


@dataclass(slots=True)
class Rescue:
    """What the last write was to leave behind; nothing before the first."""

    _tables: list[Memory] = field(default_factory=list)
    _block: BlockMemory | None = None

    def remember(self, patches: Iterable[Patch | BlockPatch], after: Mending) -> None:
        """Keep what these patches make of the tables and of the Overview's block, after what was mended."""
        self.forget()
        for patch in patches:
            if isinstance(patch, BlockPatch):
                self._block = BlockMemory.of(patch, after.snapshot)
            elif not patch.is_empty:
                self._tables.append(Memory.of(patch, after.tables.get(patch.table.tab.sheet_id)))

    def forget(self) -> None:
        """All is as it was to be."""
        self._tables, self._block = [], None

    def mending(self, present: Snapshot) -> Mending:
        """What has to be mended in the spreadsheet as it was read back."""
        steps: list[Step] = []
        tables: dict[int, Mended] = {}
        tabs: list[Tab] = []
        for memory in self._tables:
            tab = _same_tab(present, memory.table.tab)
            if tab is not None and (mended := astray.mended(memory, tab)):
                tables[tab.sheet_id] = mended
                tabs.append(mended.tab)
                steps.extend(mended.steps())
        if self._block is not None and (cells := astray_block.mended_block(self._block, present)):
            sheet_id = self._block.block.sheet_id
            steps.append(Step(tuple(astray_block.set_again(sheet_id, cells))))
            overview = next(tab for tab in present.tabs.values() if tab.sheet_id == sheet_id)
            tabs.append(astray_block.with_cells(overview, cells))
        mended_tabs = {tab.title: tab for tab in tabs}
        snapshot = replace(present, tabs={**present.tabs, **mended_tabs}) if tabs else present
        return Mending(snapshot, tuple(steps), tables)


def _same_tab(present: Snapshot, tab: Tab) -> Tab | None:
    """The tab as it is now, whatever its title; None if it is gone, or was not read."""
    return next((one for one in present.tabs.values() if one.sheet_id == tab.sheet_id and one.rows), None)
