"""The deployed archive, built the way Terraform builds it; a test compares the two."""

from pathlib import Path


def pack(root: Path) -> dict[str, bytes]:
    """The archive's files by name: main.py, the package and requirements.txt at the root."""
    function = root / "function"
    paths = [function / "main.py", *(function / "seat_report").rglob("*")]
    files = {
        name.as_posix(): (function / name).read_bytes()
        for name in (path.relative_to(function) for path in paths)
        if _is_deployed(function, name)
    }
    return {**files, "requirements.txt": (root / "requirements.txt").read_bytes()}


def _is_deployed(function: Path, name: Path) -> bool:
    hidden = any(part.startswith(".") or part == "__pycache__" for part in name.parts)
    return (function / name).is_file() and not hidden and name.suffix != ".pyc"
