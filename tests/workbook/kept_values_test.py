"""Values that Google keeps differently from how they were written: the run names them and does not try for ever."""

from typing import Any

import pytest

from tests.emulators.sheets import cells
from tests.support.world import World


@pytest.fixture
def rounding(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the local service round shares, and nothing else, to whole numbers."""
    original = cells.from_extended

    def rounded(value: Any, spreadsheet: Any) -> Any:
        kept = original(value, spreadsheet)
        return float(round(kept)) if isinstance(kept, float) and 0 < kept < 1 else kept

    monkeypatch.setattr(cells, "from_extended", rounded)


@pytest.fixture
def trimming(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the local service shorten a word of texts."""
    original = cells.from_extended

    def trimmed(value: Any, spreadsheet: Any) -> Any:
        kept = original(value, spreadsheet)
        return kept.replace("Limited", "Ltd") if type(kept) is str else kept

    monkeypatch.setattr(cells, "from_extended", trimmed)


def writes(world: World) -> int:
    """How many batches were written since the log was cleared."""
    return sum(request.path.endswith(":batchUpdate") for request in world.sheets.requests)


@pytest.mark.usefixtures("rounding")
def test_a_number_that_is_kept_differently(world: World) -> None:
    """The first run, and every later one, says which cells, what was written and what is kept; the rest is right."""
    customer = world.avepoint.directory.customers[1]
    world.list_customers([customer])
    for most in (6, 3):
        world.sheets.requests.clear()
        answer = world.run()
        (problem,) = answer["problems"]
        assert (answer["outcome"], problem["problem"]) == ("partial", "kept-differently")
        assert "'Seat Report'!" in problem["detail"]
        assert "kept as " in problem["detail"]
        assert "Somebody" not in problem["detail"]
        # Later: the lock, the report, and the run's row once more.
        assert writes(world) <= most
    assert set(world.report_seats().items()) <= set(world.service_seats().items())


@pytest.mark.usefixtures("trimming")
def test_a_text_that_is_kept_differently(world: World) -> None:
    """It is quoted as it was written and as it is kept."""
    customer = world.avepoint.directory.customers[1]
    world.put("Customers", [["Customer ID", "Customer"], [customer.id, "Shop Limited"]])
    answer = world.run()
    (problem,) = answer["problems"]
    assert problem["problem"] == "kept-differently"
    assert "('Shop Limited', kept as 'Shop Ltd')" in problem["detail"]


def test_nothing_is_kept_differently_in_a_usual_run(world: World) -> None:
    """Neither in the first run nor in later ones, with and without changes."""
    world.list_customers()
    assert [world.run()["problems"] for _ in range(2)] == [[], []]
