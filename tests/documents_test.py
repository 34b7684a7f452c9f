"""The documents: links and anchors lead somewhere, and what they name exists; everything is documented once."""

import re
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path

import pytest

from seat_report.domain import Finding, ProblemKind, Status
from seat_report.settings import Settings
from seat_report.workbook.tables import Column
from seat_report.workbook.tabs import billing_columns, customers, history, not_listed, runs
from seat_report.workbook.tabs import seat_report_columns as seat_report

# GOOGLE_CLOUD_PROJECT is read where logs are set up.
SETTINGS = sorted([field.name.upper() for field in fields(Settings)] + ["GOOGLE_CLOUD_PROJECT"])
ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted(
    path for folder in ("", "function", "infra", "tests") for path in (ROOT / folder).glob("*.md")
) + sorted((ROOT / "tests").glob("**/README.md"))
OPERATIONS = ROOT / "infra" / "OPERATIONS.md"
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
# Names in capitals that are not settings of the function.
_OTHERS = {
    "CAPITALS",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "CLOUD_RUN_TIMEOUT_SECONDS",
    "PROOF",
    "INFRA_TESTS",
    "ALLOW_INTERNAL_ONLY",
    "FAILED_PRECONDITION",
}


def anchors(path: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    headings = _HEADING.findall(_FENCE.sub("", path.read_text()))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def headers_of(columns: Iterable[Column]) -> tuple[str, ...]:
    """The headers of a tab's columns."""
    return tuple(column.header for column in columns)


def rows(section: str) -> list[str]:
    """The first cells of the tables in a section of OPERATIONS.md."""
    text = re.split(r"^## ", OPERATIONS.read_text(), flags=re.MULTILINE)
    (found,) = [part for part in text if part.startswith(f"{section}\n")]
    return [line.split("|")[1] for line in found.splitlines() if line.startswith("| `")]


def documented_defaults() -> Iterable[tuple[str, str]]:
    """Each setting with its default in the table, where that is a value and no words."""
    for line in OPERATIONS.read_text().splitlines():
        names, defaults = (_CODE.findall(line.split("|")[at]) for at in (1, -2)) if line.startswith("| `") else ([], [])
        if set(names) <= set(SETTINGS) and len(names) == len(defaults):
            yield from zip(names, defaults, strict=True)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    """Relative links name a file, and an anchor is a heading of it."""
    for link in _LINK.findall(path.read_text()):
        if link.startswith(("http://", "https://")):
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link


@pytest.mark.parametrize(
    "path", [path for path in DOCUMENTS if "emulators" not in path.parts], ids=lambda path: str(path.relative_to(ROOT))
)
def test_named_commands_and_settings_exist(path: Path) -> None:
    """`make` targets are in the Makefile, and names of settings are settings."""
    text = path.read_text()
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = re.findall(r"(?:^|`|&& )make ([a-z]+)", text, re.MULTILINE)
    assert set(named) <= targets
    capitals = {name for code in _CODE.findall(text) for name in re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", code)}
    unknown = capitals - set(SETTINGS) - _OTHERS
    assert not {name for name in unknown if not name.startswith("TF_VAR") and f"{name}=" not in text}


def test_every_setting_is_documented_once() -> None:
    """In the table of settings."""
    cells = [name for cell in rows("Settings") for name in _CODE.findall(cell)]
    assert sorted(cells) == SETTINGS


def test_documented_defaults_are_the_defaults() -> None:
    """As the code has them; a default in words is not compared."""
    defaults = {field.name.upper(): field.default for field in fields(Settings)}
    compared = 0
    for name, cell in documented_defaults():
        default = defaults[name]
        shown = ("off", "on")[default] if isinstance(default, bool) else str(default)
        assert cell == shown, name
        compared += 1
    assert compared > 15


def test_the_example_names_settings() -> None:
    """In .env.example, the ones that are commented out too."""
    names = re.findall(r"^(?:# )?([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert set(names) - {"GOOGLE_APPLICATION_CREDENTIALS"} <= set(SETTINGS)


def test_every_kind_of_problem_is_documented_once() -> None:
    """In the table of problems."""
    cells = [name for cell in rows("Problems") for name in _CODE.findall(cell)]
    assert sorted(cells) == sorted(ProblemKind)


COLUMNS = {
    "Customers": customers.HEADERS,
    "Seat Report": headers_of(seat_report.COLUMNS),
    "Billing": headers_of(billing_columns.COLUMNS),
    "History": headers_of(history.FIXED),
    "Not Listed": headers_of(not_listed.COLUMNS),
    "Runs": headers_of(runs.COLUMNS),
}


@pytest.mark.parametrize("tab", COLUMNS)
def test_every_column_is_explained_in_the_section_of_its_tab(tab: str) -> None:
    """In SPREADSHEET.md, which finance reads."""
    text = (ROOT / "function" / "SPREADSHEET.md").read_text()
    (section,) = re.findall(rf"^## {tab}: (.*?)(?=^## )", text, re.MULTILINE | re.DOTALL)
    assert not set(COLUMNS[tab]) - set(_CODE.findall(section))


def test_every_status_and_finding_is_explained() -> None:
    """In SPREADSHEET.md, in the words of the cells."""
    named = set(_CODE.findall((ROOT / "function" / "SPREADSHEET.md").read_text()))
    assert not {*map(str, Status), *map(str, Finding), *runs.OUTCOMES} - named


def test_every_module_beside_the_rooms_is_in_the_list_of_rooms() -> None:
    """In function/README.md."""
    text = (ROOT / "function" / "README.md").read_text()
    paths = (ROOT / "function" / "seat_report").glob("[!_]*")
    names = {f"{path.name}/" if path.is_dir() else path.name for path in paths}
    assert not {name for name in names if f"`{name}`" not in text}


def test_the_main_readme_is_short() -> None:
    """At most ten kilobytes: the rest is where it is looked up."""
    assert len((ROOT / "README.md").read_bytes()) <= 10_000
