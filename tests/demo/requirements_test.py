"""What `make run` installs is all that the demo and the local services import."""

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_OURS = {"seat_report", "tests"}
# Of this package the demo installs one file (api_description.py).
_IN_PART = {"googleapiclient"}


def modules() -> Iterator[Path]:
    """The modules of the demo and of the local services, without their tests."""
    for folder in ("tests/demo", "tests/emulators"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "tests" not in path.relative_to(ROOT / folder).parts and not path.stem.endswith(("_test", "conftest")):
                yield path


def imported(path: Path) -> Iterator[str]:
    """The top-level packages that a module imports, or whose files it reads."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "files":
            yield from (str(one.value).partition(".")[0] for one in node.args if isinstance(one, ast.Constant))


def normalised(name: str) -> str:
    """A distribution's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_all_imports_of_the_demo_are_installed_with_it() -> None:
    """A package that only testing installs would end `make run` on a new machine."""
    pinned = {
        normalised(name)
        for path in ("requirements.txt", "tests/demo/requirements.txt")
        for name in re.findall(r"^([\w.-]+)==", (ROOT / path).read_text(), re.MULTILINE)
    }
    distributions = packages_distributions()
    packages = {name for path in modules() for name in imported(path)} - _OURS - _IN_PART - sys.stdlib_module_names
    missing = {name for name in packages if not {normalised(one) for one in distributions.get(name, [])} & pinned}
    assert not missing
