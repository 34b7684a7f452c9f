"""Protections prompt people only where that is worth it: over headers, never over what a sort moves."""

from typing import Any

from tests.support.world import World

OLD = "Customer: written by the seat report, which overwrites what is typed here."


def protections(world: World, title: str) -> list[dict[str, Any]]:
    """The protected ranges of a tab."""
    sheets = world.book.fetch_sheet_metadata()["sheets"]
    found: list[dict[str, Any]] = next(s for s in sheets if s["properties"]["title"] == title)["protectedRanges"]
    return found


def protect(world: World, column: int, description: str, **more: Any) -> None:
    """Protect a whole column, which starts with the header."""
    span = {"sheetId": world.tab().id, "startRowIndex": 0, "startColumnIndex": column, "endColumnIndex": column + 1}
    world.book.batch_update(
        {"requests": [{"addProtectedRange": {"protectedRange": {"range": span, "description": description, **more}}}]}
    )


def test_only_headers_are_protected(world: World) -> None:
    """In every table, with a warning that people can dismiss."""
    world.list_customers()
    world.run()
    for title in ("Seat Report", "By Customer", "History", "Runs"):
        found = protections(world, title)
        assert len(found) == len(world.grid(title)[0])
        assert all(each["warningOnly"] and each["range"]["endRowIndex"] == 1 for each in found)


def test_whole_columns_that_an_earlier_version_protected_are_freed_once(world: World) -> None:
    """Its header stays protected; what people protected stays as it is."""
    world.list_customers()
    world.run()
    world.book.batch_update(
        {
            "requests": [
                {"deleteProtectedRange": {"protectedRangeId": each["protectedRangeId"]}}
                for each in protections(world, "Seat Report")
            ]
        }
    )
    protect(world, 1, OLD, warningOnly=True)
    protect(world, 2, "Mine: hands off", warningOnly=True)
    protect(world, 3, "Mine, and nobody else's", editors={"users": ["person@example.com"]})
    first = world.run()
    assert (first["outcome"], first["warnings"], first["changes"]["cells_changed"]) == ("ok", [], 0)
    found = {each["description"]: each["range"].get("endRowIndex") for each in protections(world, "Seat Report")}
    rest = {"Mine: hands off": None, "Mine, and nobody else's": None}
    assert found == {"Customer: a header of the seat report. Rename it as you like, but don't clear it.": 1, **rest}
    before = protections(world, "Seat Report")
    world.run()
    assert protections(world, "Seat Report") == before
