"""The README's pictures: taken from the code as it is, or the test says how to take them again."""

import shutil
from pathlib import Path

import pytest

from tests.demo import pictures

TABS = "function/seat_report/workbook/tabs"


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A small repository with recorded pictures, and code of each kind."""
    for name in (
        f"{TABS}/runs.py",
        "tests/demo/stage.py",
        "tests/emulators/sheets/page/page.css",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("before", encoding="utf-8")
    for name in pictures.NAMES:
        (tmp_path / "tests/demo" / name).write_bytes(b"a picture")
    pictures.record(tmp_path, tmp_path / "tests/demo")
    return tmp_path


def outdated(root: Path) -> list[str]:
    """What is out of date there."""
    return pictures.outdated(root, root / "tests/demo")


def test_the_pictures_show_the_present_code() -> None:
    changed = pictures.outdated()
    assert not changed, f"{', '.join(changed)} changed since the pictures were taken: run make picture (needs Chromium)"


def test_recorded_pictures_are_up_to_date(copied: Path) -> None:
    assert outdated(copied) == []


@pytest.mark.parametrize(
    "name",
    [
        f"{TABS}/runs.py",
        "tests/demo/stage.py",
        "tests/emulators/sheets/page/page.css",
        f"{TABS}/new.py",
    ],
)
def test_other_code_makes_them_out_of_date(copied: Path, name: str) -> None:
    (copied / name).write_text("after", encoding="utf-8")
    assert outdated(copied) == ["code"]


def test_a_renamed_file_makes_them_out_of_date(copied: Path) -> None:
    shutil.move(copied / f"{TABS}/runs.py", copied / f"{TABS}/go.py")
    assert outdated(copied) == ["code"]


@pytest.mark.parametrize(
    "name",
    [
        "function/README.md",
        "tests/demo/pictures_test.py",
        "tests/emulators/sheets/tests/client.py",
        "tests/run_test.py",
    ],
)
def test_documents_and_tests_draw_nothing(copied: Path, name: str) -> None:
    (copied / name).parent.mkdir(parents=True, exist_ok=True)
    (copied / name).write_text("after", encoding="utf-8")
    assert outdated(copied) == []


def test_a_picture_from_elsewhere_is_noticed(copied: Path) -> None:
    (copied / "tests/demo" / pictures.NAMES[1]).write_bytes(b"another picture")
    assert outdated(copied) == [pictures.NAMES[1]]


def test_pictures_without_a_record_are_out_of_date(copied: Path) -> None:
    (copied / "tests/demo" / pictures.RECORD.name).unlink()
    assert outdated(copied) == sorted(["code", *pictures.NAMES])
