"""Whether the README's pictures show what the code draws now: by a digest of the code, recorded beside the pictures."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
NAMES = ("overview.png", "report.png", "billing.png")
RECORD = FOLDER / "pictures.json"
# What draws the pictures: the tabs' content and looks, the demo, and the local service's page.
_FOLDERS = ("function/seat_report/workbook/tabs", "tests/demo", "tests/emulators/sheets/page")
_SUFFIXES = (".py", ".css", ".js", ".html")
# None of this is in a picture.
_LEFT_OUT = ("tests", "__pycache__")


def code_digest(root: Path = ROOT) -> str:
    """A digest of the names and contents of all files that draw the pictures."""
    digest = hashlib.sha256()
    for path in sorted(_sources(root)):
        digest.update(f"{path.relative_to(root).as_posix()}\n".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _sources(root: Path) -> Iterator[Path]:
    for folder in _FOLDERS:
        for path in (root / folder).rglob("*"):
            inside = path.relative_to(root / folder).parts
            is_test = path.name.endswith("_test.py") or any(part in _LEFT_OUT for part in inside)
            if path.suffix in _SUFFIXES and not is_test:
                yield path


def record(root: Path = ROOT, folder: Path = FOLDER) -> None:
    """Record that the pictures in the folder were taken from the code as it is now."""
    (folder / RECORD.name).write_text(json.dumps(_state(root, folder), indent=2) + "\n", encoding="utf-8")


def outdated(root: Path = ROOT, folder: Path = FOLDER) -> list[str]:
    """What has changed since the pictures were recorded: "code", or the name of a picture; empty if nothing has."""
    try:
        recorded = json.loads((folder / RECORD.name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        recorded = {}
    state = _state(root, folder)
    return [name for name in _all_names(recorded, state) if recorded.get(name) != state.get(name)]


def _all_names(*states: Iterable[str]) -> list[str]:
    return sorted({name for state in states for name in state})


def _state(root: Path, folder: Path) -> dict[str, str]:
    pictures = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in NAMES}
    return {"code": code_digest(root), **pictures}
