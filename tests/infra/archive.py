"""What is deployed, put together as Terraform does it; a test compares the two."""

from pathlib import Path


def pack(root: Path) -> dict[str, bytes]:
    """The archive's files by their names in it: main.py and the package at its root, requirements.txt beside them."""
    function = root / "function"
    files = [function / "main.py", *(function / "seat_report").rglob("*")]
    packed = {
        name.as_posix(): (function / name).read_bytes()
        for name in (one.relative_to(function) for one in files)
        if _belongs(function, name)
    }
    return {**packed, "requirements.txt": (root / "requirements.txt").read_bytes()}


def _belongs(function: Path, name: Path) -> bool:
    hidden = any(part.startswith(".") or part == "__pycache__" for part in name.parts)
    return (function / name).is_file() and not hidden and name.suffix != ".pyc"
