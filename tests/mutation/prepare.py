"""Makes the copy of code and tests that is mutated: `python -m tests.mutation.prepare DIRECTORY`.

The copy differs from the repository in two ways that the tool needs: the package lies at the top, where its name is
that of its path; and properties are written as `name = property(name)`, class methods likewise, because functions with
a decorator are not mutated. A method's cache is left out, as it would remember what it gave before the change.
"""

import ast
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = shutil.ignore_patterns("__pycache__")


def prepare(directory: Path) -> None:
    """Make the copy anew."""
    shutil.rmtree(directory, ignore_errors=True)
    shutil.copytree(ROOT / "function" / "seat_report", directory / "seat_report", ignore=SKIPPED)
    shutil.copytree(ROOT / "tests", directory / "tests", ignore=SKIPPED)
    shutil.copy(ROOT / "tests" / "mutation" / "mutmut.toml", directory / "pyproject.toml")
    for path in (directory / "seat_report").rglob("*.py"):
        path.write_text(undecorated(path.read_text(encoding="utf-8")), encoding="utf-8")


def undecorated(source: str) -> str:
    """The same code with each `@property` and `@classmethod` as an assignment behind its function."""
    lines = source.splitlines()
    for node in sorted(_methods(source), key=lambda node: node.lineno, reverse=True):
        kind = ast.unparse(node.decorator_list[0])
        lines.insert(node.end_lineno or 0, f"{' ' * node.col_offset}{node.name} = {kind}({node.name})")
        del lines[node.decorator_list[0].lineno - 1 : node.lineno - 1]
    return "\n".join(lines) + "\n"


def _methods(source: str) -> list[ast.FunctionDef]:
    """The functions that are nothing but a property or a class method, cached or not."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.decorator_list:
            kind, *others = map(ast.unparse, node.decorator_list)
            if kind in ("property", "classmethod") and all(one.startswith("functools.lru_cache(") for one in others):
                found.append(node)
    return found


if __name__ == "__main__":
    prepare(Path(sys.argv[1]))
