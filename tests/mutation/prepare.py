"""Creates the copy of code and tests that is mutated: `python -m tests.mutation.prepare DIRECTORY`.

The copy differs from the repository in two ways that the tool needs: the package is at the top level, where its path
equals its name; and properties are written as `name = property(name)`, because decorated functions are not mutated.
"""

import ast
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = shutil.ignore_patterns("__pycache__")


def prepare(directory: Path) -> None:
    """Recreate the copy."""
    shutil.rmtree(directory, ignore_errors=True)
    shutil.copytree(ROOT / "function" / "seat_report", directory / "seat_report", ignore=SKIPPED)
    shutil.copytree(ROOT / "tests", directory / "tests", ignore=SKIPPED)
    shutil.copy(ROOT / "tests" / "mutation" / "mutmut.toml", directory / "pyproject.toml")
    for path in (directory / "seat_report").rglob("*.py"):
        path.write_text(undecorated(path.read_text(encoding="utf-8")), encoding="utf-8")


def undecorated(source: str) -> str:
    """The code with each `@property` replaced by an assignment after its function."""
    lines = source.splitlines()
    properties = [
        (node.decorator_list[0].lineno, node)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef)
        and [ast.unparse(decorator) for decorator in node.decorator_list] == ["property"]
    ]
    for decorator_line, node in sorted(properties, key=lambda pair: pair[0], reverse=True):
        lines.insert(node.end_lineno or 0, f"{' ' * node.col_offset}{node.name} = property({node.name})")
        del lines[decorator_line - 1]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    prepare(Path(sys.argv[1]))
