"""The faults that are set, and which request each of them strikes."""

import threading
from collections.abc import Collection
from dataclasses import dataclass, field

from tests.emulators.avepoint.contracts import ContractName
from tests.emulators.avepoint.data import is_same_id
from tests.emulators.avepoint.fault_kinds import check_kind
from tests.emulators.avepoint.faults import Endpoint, Fault


@dataclass(frozen=True, slots=True)
class Occasion:
    """A request, as far as faults choose by it."""

    endpoint: Endpoint
    customer_id: str | None = None
    tenant_type: int | None = None
    contract: ContractName | None = None
    contract_served: bool = True
    page_index: int | None = None

    def suits(self, fault: Fault) -> bool:
        """Tell whether the fault is about such a request."""
        return (
            fault.endpoint == self.endpoint
            and (fault.customer_id is None or is_same_id(fault.customer_id, self.customer_id or ""))
            and fault.tenant_type in (None, self.tenant_type)
            and (self.contract_served if fault.contract is None else fault.contract == self.contract)
            and fault.page_index in (None, self.page_index)
        )


@dataclass(slots=True)
class _Entry:
    """A fault with how many requests it let pass and struck, by query (or under one key for all)."""

    fault: Fault
    met: dict[tuple[str | None, int | None], int] = field(default_factory=dict)
    struck: int = 0

    def strikes(self, occasion: Occasion) -> bool:
        key = (occasion.customer_id, occasion.tenant_type) if self.fault.each_query else (None, None)
        number = self.met.get(key, 0)
        if self.fault.times is not None and number >= self.fault.skip + self.fault.times:
            return False
        self.met[key] = number + 1
        if number < self.fault.skip:
            return False
        self.struck += 1
        return True


class FaultBook:
    """The faults that are set, in order; safe to use from any thread.

    The first fault that strikes a request has it alone: later ones don't count it.
    """

    def __init__(self) -> None:
        self._entries: list[_Entry] = []
        self._lock = threading.Lock()

    def add(self, *faults: Fault) -> None:
        """Set further faults; raises ValueError if there is no such kind, or not at that endpoint."""
        for fault in faults:
            check_kind(fault)
        with self._lock:
            self._entries.extend(_Entry(fault) for fault in faults)

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        with self._lock:
            self._entries.clear()

    def standing(self) -> list[tuple[Fault, int]]:
        """Return the faults with how many requests each has struck."""
        with self._lock:
            return [(entry.fault, entry.struck) for entry in self._entries]

    def take(self, occasion: Occasion, kinds: Collection[str]) -> Fault | None:
        """Return the fault among these kinds that strikes the request, and count it; None if none does."""
        if not self._entries:
            return None
        with self._lock:
            for entry in self._entries:
                if entry.fault.kind in kinds and occasion.suits(entry.fault) and entry.strikes(occasion):
                    return entry.fault
        return None
