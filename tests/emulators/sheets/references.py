"""The references in formulas: found, written in their normal form, shifted, and broken to `#REF!`.

Formulas are stored as text. Only references are understood here; text in quotes and names are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from .addresses import Area, column_index, column_name, quote_title
from .moving import Shift

_ADDRESS = re.compile(
    r"""
    (?P<text>"(?:[^"]|"")*"|\[(?:[^\[\]]|\[[^\[\]]*\])*\])     # a string, or what is chosen of a table
    |(?P<sheet>'(?:[^']|'')+'!|[^\W\d][\w.]*!|\d[\w.]*!)?      # a tab
    (?:
        (?P<c1>\$?[A-Za-z]{1,3})(?P<r1>\$?[1-9]\d{0,7})(?::(?P<c2>\$?[A-Za-z]{1,3})?(?P<r2>\$?[1-9]\d{0,7})?)?
        |(?P<cc1>\$?[A-Za-z]{1,3}):(?P<cc2>\$?[A-Za-z]{1,3})(?P<cr2>\$?[1-9]\d{0,7})?
        |(?P<rr1>\$?[1-9]\d{0,7}):(?P<rr2>\$?[1-9]\d{0,7})
    )
    (?![\w.(!])
    |(?P<word>[^\W\d][\w.]*\(?|\d[\w.]*)                      # a name, a function, a number
    """,
    re.VERBOSE,
)


class End(NamedTuple):
    """One end of a reference along one dimension: where it is, and whether a dollar fixes it."""

    place: int
    fixed: bool = False


class Reference(NamedTuple):
    """A reference to cells; ends are None where the reference is open. A single cell has no last row and column."""

    sheet: str | None
    top: End | None
    left: End | None
    bottom: End | None = None
    right: End | None = None
    is_range: bool = False

    def text(self) -> str:
        """Write the reference in its normal form."""
        prefix = quote_title(self.sheet) + "!" if self.sheet is not None else ""
        first = _corner(self.left, self.top)
        if not self.is_range:
            return prefix + first
        return f"{prefix}{first}:{_corner(self.right, self.bottom)}"


Part = str | Reference


def _corner(column: End | None, row: End | None) -> str:
    letters = ("$" if column.fixed else "") + column_name(column.place) if column else ""
    digits = ("$" if row.fixed else "") + str(row.place + 1) if row else ""
    return letters + digits


def _row(text: str | None) -> End | None:
    return End(int(text.lstrip("$")) - 1, text.startswith("$")) if text else None


def _column(text: str | None) -> End | None:
    return End(column_index(text.lstrip("$")), text.startswith("$")) if text else None


@lru_cache(maxsize=131072)
def parts(formula: str) -> tuple[Part, ...]:
    """Split a formula into text and references."""
    found: list[Part] = []
    position = 0
    for match in _ADDRESS.finditer(formula):
        if match["text"] or match["word"]:
            continue
        found.append(formula[position : match.start()])
        found.append(_reference(match))
        position = match.end()
    found.append(formula[position:])
    return tuple(part for part in found if part != "")


def _reference(match: re.Match[str]) -> Reference:
    title = match["sheet"]
    if title is not None:
        title = title[:-1]
        title = title[1:-1].replace("''", "'") if title.startswith("'") else title
    is_range = ":" in match.group()[len(match["sheet"] or "") :]
    top, bottom = _row(match["r1"] or match["rr1"]), _row(match["r2"] or match["cr2"] or match["rr2"])
    left, right = _column(match["c1"] or match["cc1"]), _column(match["c2"] or match["cc2"])
    if match["cr2"] and top is None:
        top, bottom = bottom, None  # A:C5 says the same as A5:C
    if is_range:
        top, bottom = _ordered(top, bottom)
        left, right = _ordered(left, right)
    return Reference(title, top, left, bottom, right, is_range)


def _ordered(first: End | None, last: End | None) -> tuple[End | None, End | None]:
    if first and last and first.place > last.place:
        return last, first
    return first, last


def rewrite(formula: str, change: Callable[[Reference], Reference | None]) -> str:
    """Give a formula with every reference replaced; None breaks a reference to `#REF!`."""
    written = []
    for part in parts(formula):
        if isinstance(part, str):
            written.append(part)
            continue
        changed = change(part)
        if changed is not None:
            written.append(changed.text())
        else:
            written.append(f"{quote_title(part.sheet)}!#REF!" if part.sheet is not None else "#REF!")
    return "".join(written)


def normalise(formula: str, titles: Callable[[str], str | None]) -> str:
    """Give a formula with its references in normal form; `titles` gives a tab's own spelling of its title."""

    def spelled(reference: Reference) -> Reference:
        title = reference.sheet and titles(reference.sheet)
        reference = reference._replace(sheet=title) if title else reference
        single = reference.is_range and reference.top and reference.left
        if single and (reference.top, reference.left) == (reference.bottom, reference.right):
            reference = reference._replace(bottom=None, right=None, is_range=False)
        return reference

    return rewrite(formula, spelled)


def offset(formula: str, rows: int, columns: int) -> str:
    """Give a formula as it reads when copied so many rows down and columns to the right."""
    if not rows and not columns:
        return formula

    def moved(end: End | None, by: int) -> End | None:
        return end if end is None or end.fixed else End(end.place + by)

    def shifted(reference: Reference) -> Reference | None:
        top, left = moved(reference.top, rows), moved(reference.left, columns)
        bottom, right = moved(reference.bottom, rows), moved(reference.right, columns)
        if any(end and end.place < 0 for end in (top, left, bottom, right)):
            return None
        if reference.is_range:
            top, bottom = _ordered(top, bottom)
            left, right = _ordered(left, right)
        return reference._replace(top=top, left=left, bottom=bottom, right=right)

    return rewrite(formula, shifted)


def follow(formula: str, changes: Sequence[tuple[Shift, str]], home: str) -> str:
    """Give a formula on tab `home` after structural changes, each with the title of the tab that it changes."""

    def shifted(reference: Reference) -> Reference | None:
        title = reference.sheet if reference.sheet is not None else home
        moved: Reference | None = reference
        for change, changed in changes:
            if moved is not None and (title == changed or title.casefold() == changed.casefold()):
                moved = _shifted(moved, change)
        return moved

    return rewrite(formula, shifted)


def _shifted(reference: Reference, change: Shift) -> Reference | None:
    is_range = reference.is_range
    if change.dimension == "ROWS":
        first, last, other, other_last = reference.top, reference.bottom, reference.left, reference.right
    else:
        first, last, other, other_last = reference.left, reference.right, reference.top, reference.bottom
    end = last.place + 1 if last else None
    if first and not is_range:
        end = first.place + 1
    if end is not None and end <= change.begins:
        return reference
    if (first is None and last is None) or not _covered(change, other, other_last, is_range=is_range):
        return reference
    span = change.span(first.place if first else 0, end)
    if span is None:
        return None
    new_first = End(span[0], first.fixed) if first else None
    new_last = End(span[1] - 1, last.fixed) if last and span[1] is not None else None
    if change.dimension == "ROWS":
        return reference._replace(top=new_first, bottom=new_last)
    return reference._replace(left=new_first, right=new_last)


def _covered(change: Shift, first: End | None, last: End | None, *, is_range: bool) -> bool:
    if change.band is None:
        return True
    start = first.place if first else 0
    end = start + 1 if not is_range else last.place + 1 if last else None
    return change.covers(start, end)


def rename(formula: str, old: str, new: str | None) -> str:
    """Give a formula after a tab is renamed, or deleted (`new` is None)."""

    def renamed(reference: Reference) -> Reference | None:
        if reference.sheet is None or reference.sheet.casefold() != old.casefold():
            return reference
        return None if new is None else reference._replace(sheet=new)

    written = rewrite(formula, renamed)
    return written.replace(f"{quote_title(old)}!#REF!", "#REF!") if new is None else written


def located(formula: str, home: str) -> str:
    """Give a formula with its tab named in every reference that names none."""
    return rewrite(formula, lambda reference: reference if reference.sheet else reference._replace(sheet=home))


def replace_names(formula: str, lookup: Callable[[str], str | None]) -> str:
    """Give a formula with the names that `lookup` knows replaced by what it gives."""

    def replaced(match: re.Match[str]) -> str:
        word = match["word"]
        return (lookup(word) or word) if word and not word.endswith("(") else match.group()

    return _ADDRESS.sub(replaced, formula)


def follow_block(formula: str, source: Area, target: Area, home: str, new_home: str) -> str:
    """Give a formula after a block of cells moves from `source` to `target`, and itself from tab to tab."""
    rows, columns = target.top - source.top, target.left - source.left

    def moved(reference: Reference) -> Reference:
        title = reference.sheet if reference.sheet is not None else home
        last_row = reference.bottom if reference.is_range else reference.top
        last_column = reference.right if reference.is_range else reference.left
        ends = reference.top, last_row, reference.left, last_column
        known = all(end is not None for end in ends)
        if known and title.casefold() == source.sheet.title.casefold() and _in_block(ends, source):
            title = target.sheet.title
            reference = reference._replace(
                top=_by(reference.top, rows),
                bottom=_by(reference.bottom, rows),
                left=_by(reference.left, columns),
                right=_by(reference.right, columns),
            )
        is_own = title.casefold() == new_home.casefold() and reference.sheet is None
        return reference._replace(sheet=None if is_own else title)

    return rewrite(formula, moved)


def _by(end: End | None, count: int) -> End | None:
    return End(end.place + count, end.fixed) if end else None


def _in_block(ends: tuple[End | None, End | None, End | None, End | None], block: Area) -> bool:
    top, bottom, left, right = (end.place if end else -1 for end in ends)
    return block.top <= top and bottom < block.bottom and block.left <= left and right < block.right
