"""The registry of what can go wrong.

A fault works at one of three stages: in place of an answer (`fault_answers`), on the content of a good answer
(`fault_shapes`), or on how a good answer is sent (`fault_deliveries`). README.md describes each kind.
"""

from tests.emulators.avepoint import fault_answers, fault_deliveries, fault_shapes, purchased
from tests.emulators.avepoint.faults import Fault

ANSWERS = fault_answers.KINDS
SHAPES = fault_shapes.KINDS
PAGING = fault_shapes.PAGING_KINDS
DELIVERIES = fault_deliveries.KINDS

KINDS = frozenset({*ANSWERS, *SHAPES, *PAGING, *DELIVERIES})


def check_kind(fault: Fault) -> None:
    """Raise ValueError unless the fault's kind exists, works at its endpoint, and has the values it needs."""
    if fault.kind not in KINDS:
        raise ValueError(f"There is no fault {fault.kind!r}; there are {', '.join(sorted(KINDS))}.")
    if fault.endpoint == "token" and (fault.kind in SHAPES or fault.kind in PAGING):
        raise ValueError(f"The token endpoint knows no fault {fault.kind!r}; use 'body' there.")
    if fault.endpoint == "purchased" and (
        fault.kind in PAGING or fault.kind in SHAPES.keys() - purchased.SHAPES.keys()
    ):
        raise ValueError(f"The endpoint of purchased seats knows no fault {fault.kind!r}.")
    if fault.kind == "status" and not 400 <= (fault.status or 0) <= 599:
        raise ValueError("The fault 'status' needs a status from 400 to 599.")
    if fault.kind == "body" and fault.body is None:
        raise ValueError("The fault 'body' needs a body.")
