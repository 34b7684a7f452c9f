"""What is deployed, put together as Terraform does it; a test compares the two."""

from pathlib import Path

from tests.infra.terraform import ROOT

_FUNCTION = ROOT / "function"


def pack() -> dict[str, bytes]:
    """The archive's files by their names in it: main.py and the package at its root, requirements.txt beside them."""
    files = [_FUNCTION / "main.py", *(_FUNCTION / "seat_report").rglob("*")]
    packed = {file.relative_to(_FUNCTION).as_posix(): file.read_bytes() for file in files if _belongs(file)}
    return {**packed, "requirements.txt": (ROOT / "requirements.txt").read_bytes()}


def _belongs(file: Path) -> bool:
    parts = file.relative_to(_FUNCTION).parts
    hidden = any(part.startswith(".") or part == "__pycache__" for part in parts)
    return file.is_file() and not hidden and file.suffix != ".pyc"
