"""Says which mutants survived: `python -m tests.mutation.survivors DIRECTORY`, where the tool has run.

Those that `accepted.toml` explains are fine; any other, and an explanation whose mutant is no more, ends it with
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
# An endless loop is noticed too.
NOTICED = {"killed", "timeout"}


class Mutant(NamedTuple):
    """One change: the function that it is in, and its lines before and after."""

    function: str
    was: str
    becomes: str


def statuses(directory: Path) -> dict[str, str]:
    """What came of each mutant, by the tool's name for it."""
    found = (line.strip().rpartition(": ") for line in _told(directory, "results", "--all", "1").splitlines())
    return {name: status for name, _, status in found if name}


def mutant(directory: Path, name: str) -> Mutant:
    """The mutant of this name, in a form that outlives the tool's numbering."""
    lines = [line for line in _told(directory, "show", name).splitlines() if not line.startswith(("---", "+++"))]
    was, becomes = (" ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in ("-", "+"))
    function = name.rpartition("__mutmut_")[0].replace(".xǁ", ".").replace(".x_", ".").replace("ǁ", ".")
    return Mutant(function, was, becomes)


def accepted() -> set[Mutant]:
    """The mutants that are explained."""
    entries = tomllib.loads(ACCEPTED.read_text(encoding="utf-8")).get("mutant", [])
    return {Mutant(entry["function"], entry["was"], entry["becomes"]) for entry in entries}


def main(directory: Path) -> int:
    """Print the figures and what is not explained; the exit status."""
    found = statuses(directory)
    survived = {mutant(directory, name) for name, status in found.items() if status not in NOTICED}
    explained = accepted()
    counts = ", ".join(f"{count} {status}" for status, count in Counter(found.values()).most_common())
    sys.stdout.write(f"{len(found)} mutants: {counts}; {len(survived & explained)} explained\n")
    for title, mutants in (("Survived", survived - explained), ("Explained, but not there", explained - survived)):
        for one in sorted(mutants):
            sys.stdout.write(f"\n{title}: {one.function}\n- {one.was}\n+ {one.becomes}\n")
    return 1 if survived != explained else 0


def _told(directory: Path, *arguments: str) -> str:
    return subprocess.run([MUTMUT, *arguments], cwd=directory, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
