"""The house: imports point downwards only, and a room uses of another room what its face (`__init__.py`) offers."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

FUNCTION = Path(__file__).resolve().parents[1] / "function"
PACKAGE = "seat_report"
# From the roof down; rooms on one floor don't know each other. A room is a folder or a module.
FLOORS = [
    {"__main__"},
    {"web", "statement"},
    {"health", "check", "requested", "recent_runs"},
    {"monitored_run", "one_reading"},
    {"notification"},
    {"run"},
    {"stages"},
    {"collecting"},
    {"reporting"},
    {"avepoint", "workbook"},
    {"settings"},
    {"domain"},
    {"clock", "errors"},
]
WORKBOOK_FLOORS = [{"run_lock"}, {"apply"}, {"plan"}, {"tabs"}, {"conflicts"}, {"tables"}, {"sheets_api"}]
MOST_LINES = 400


class Import(NamedTuple):
    """One `from … import …`: the module that it stands in, the module it names, and the names taken from it."""

    importer: str
    module: str
    names: tuple[str, ...]


def module_name(path: Path) -> str:
    """The dotted name of a module of the package, that of its folder for a face."""
    parts = path.relative_to(FUNCTION).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted((FUNCTION / PACKAGE).rglob("*.py"))}


def imports_of(module: str) -> Iterator[Import]:
    """The module's imports of our own package, wherever in it they stand."""
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: imports are absolute here"
            if (node.module or "").split(".")[0] == PACKAGE:
                yield Import(module, node.module or "", tuple(one.name for one in node.names))
        elif isinstance(node, ast.Import):
            assert not any(one.name.split(".")[0] == PACKAGE for one in node.names), f"{module}: use from … import …"


def targets(found: Import) -> list[str]:
    """The modules that an import reaches: names that are modules themselves, or else the module it names."""
    submodules = [f"{found.module}.{name}" for name in found.names if f"{found.module}.{name}" in MODULES]
    return submodules if len(submodules) == len(found.names) else [found.module, *submodules]


def room(module: str) -> str:
    """The room that a module belongs to: `workbook.tables`, `domain`, `run`; "" is the package itself."""
    _, *parts = module.split(".")
    return ".".join(parts[:2] if parts[:1] == ["workbook"] else parts[:1])


def floor(name: str, floors: list[set[str]]) -> int:
    """The floor of a room, counted from the roof."""
    return next(index for index, rooms in enumerate(floors) if name in rooms)


def is_downwards(importer: str, imported: str, floors: list[set[str]]) -> bool:
    """Whether a room may import another one."""
    return importer == imported or floor(importer, floors) < floor(imported, floors)


def face(module: str) -> set[str]:
    """The names that a room offers: its `__all__`."""
    for node in ast.parse(MODULES[module].read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["__all__"]:
            return set(ast.literal_eval(node.value))
    return set()


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_downwards(module: str) -> None:
    """No room imports one above it or beside it, and the ground floor imports nothing of ours."""
    for found in imports_of(module):
        for target in targets(found):
            importer, imported = room(module).split("."), room(target).split(".")
            assert is_downwards(importer[0], imported[0], FLOORS), found
            if importer[0] == imported[0] == "workbook" and len(importer) == len(imported) == 2:
                assert is_downwards(importer[1], imported[1], WORKBOOK_FLOORS), found


@pytest.mark.parametrize("module", MODULES)
def test_rooms_are_entered_by_their_face(module: str) -> None:
    """Of another room only what its face offers is used; inside the workbook, sibling rooms and not its face."""
    for found in imports_of(module):
        if found.module == PACKAGE:
            # Rooms and modules themselves, of which nothing is reached past the face.
            continue
        inside_workbook = module.startswith(f"{PACKAGE}.workbook.")
        target = f"{PACKAGE}.{room(found.module)}" if inside_workbook else ".".join(found.module.split(".")[:2])
        same_room = room(found.module) == room(module) or (not inside_workbook and target == module)
        if same_room or MODULES[target].name != "__init__.py":
            continue
        assert not (inside_workbook and found.module == f"{PACKAGE}.workbook"), found
        assert found.module == target, f"{found}: import from {target}"
        assert set(found.names) <= face(target), f"{found}: {target} does not offer all of this in __all__"


def test_the_workbook_is_on_its_floors() -> None:
    """Every room is on a floor, so that none escapes the rule above."""
    top = {room(module).split(".")[0] for module in MODULES} - {""}
    inside = {room(module).split(".")[1] for module in MODULES if room(module).count(".")}
    assert top == set().union(*FLOORS)
    assert inside == set().union(*WORKBOOK_FLOORS)


def test_modules_are_small() -> None:
    """No module of the function, its tests or the local services is longer than somebody reads in one go."""
    tests = Path(__file__).parent
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in [*MODULES.values(), *tests.rglob("*.py")]}
    assert {str(path): length for path, length in lengths.items() if length > MOST_LINES} == {}
