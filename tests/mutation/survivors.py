"""Lists the mutants that survived: `python -m tests.mutation.survivors DIRECTORY`, where the tool has run.

Those explained in `accepted.toml` are fine. Any other survivor, and any explanation without its mutant, makes the exit
status 1.
"""

import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path
from typing import NamedTuple

MUTMUT = Path(sys.executable).with_name("mutmut")
ACCEPTED = Path(__file__).with_name("accepted.toml")
# A mutant that loops forever is caught too.
CAUGHT = {"killed", "timeout"}


class Mutant(NamedTuple):
    """One change: its function, and the lines before and after."""

    function: str
    was: str
    becomes: str


def statuses(directory: Path) -> dict[str, str]:
    """The status of each mutant, by the tool's name for it."""
    results = (line.strip().rpartition(": ") for line in _run_mutmut(directory, "results", "--all", "1").splitlines())
    return {name: status for name, _, status in results if name}


def mutant(directory: Path, name: str) -> Mutant:
    """The mutant with this name, in a form that doesn't depend on the tool's numbering."""
    lines = [line for line in _run_mutmut(directory, "show", name).splitlines() if not line.startswith(("---", "+++"))]
    was, becomes = (" ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in ("-", "+"))
    function = name.rpartition("__mutmut_")[0].replace(".xǁ", ".").replace(".x_", ".").replace("ǁ", ".")
    return Mutant(function, was, becomes)


def accepted() -> set[Mutant]:
    """The explained mutants."""
    entries = tomllib.loads(ACCEPTED.read_text(encoding="utf-8")).get("mutant", [])
    return {Mutant(entry["function"], entry["was"], entry["becomes"]) for entry in entries}


def main(directory: Path) -> int:
    """Print the counts and the unexplained mutants; the exit status."""
    status_by_name = statuses(directory)
    survived = {mutant(directory, name) for name, status in status_by_name.items() if status not in CAUGHT}
    explained = accepted()
    counts = ", ".join(f"{count} {status}" for status, count in Counter(status_by_name.values()).most_common())
    sys.stdout.write(f"{len(status_by_name)} mutants: {counts}; {len(survived & explained)} explained\n")
    for title, mutants in (("Survived", survived - explained), ("Explained, but not there", explained - survived)):
        for survivor in sorted(mutants):
            sys.stdout.write(f"\n{title}: {survivor.function}\n- {survivor.was}\n+ {survivor.becomes}\n")
    return 1 if survived != explained else 0


def _run_mutmut(directory: Path, *arguments: str) -> str:
    return subprocess.run([MUTMUT, *arguments], cwd=directory, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
