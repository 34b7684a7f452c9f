"""Formatting that Google refuses costs a whole run nothing but a warning, once."""

import pytest

from tests.proof.sampling import chosen
from tests.support.world import World

# Every kind of request that is sent for formatting alone.
KINDS = (
    "addBanding",
    "addChart",
    "addConditionalFormatRule",
    "addProtectedRange",
    "setBasicFilter",
    "updateDimensionProperties",
    "updateSheetProperties",
)


@pytest.mark.parametrize("kind", chosen(KINDS, 4))
def test_one_refused_request_is_one_warning(world: World, kind: str) -> None:
    """It names the kind; the run is `ok`, the numbers are right, and the next run has nothing to say."""
    world.list_customers()
    world.sheets.fail(400, kind=kind)
    first = world.run()
    (warning,) = first["warnings"]
    assert (first["outcome"], first["problems"], kind in warning) == ("ok", [], True)
    assert world.report_seats() == world.service_seats()
    again = world.run()
    assert (again["outcome"], again["warnings"], again["changes"]["cells_changed"]) == ("ok", [], 0)


@pytest.mark.parametrize("kind", ["addProtectedRange", "setBasicFilter"])
def test_what_is_always_refused_is_not_sent_by_every_run(world: World, kind: str) -> None:
    """However many of it are refused, what was tried is recorded with the tab."""
    world.list_customers()
    world.sheets.fail(400, kind=kind, times=1000)
    first = world.run()
    assert (first["outcome"], all(kind in warning for warning in first["warnings"])) == ("ok", True)
    assert world.report_seats() == world.service_seats()
    again = world.run()
    assert (again["outcome"], again["warnings"]) == ("ok", [])
