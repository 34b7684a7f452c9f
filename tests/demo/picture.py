"""`make picture`: the README's screenshots of the local Sheets service's page, taken with a headless browser."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from tests.demo import pictures
from tests.demo.__main__ import play
from tests.demo.stage import SheetsApi, Stage, stage

_TITLES = ("Overview", "Seat Report", "Billing")
# A laptop's screen: what people see without scrolling.
_SIZE = "1366,768"
_BROWSER_OPTIONS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --hide-scrollbars --force-device-scale-factor=1"
)
_BROWSER_SECONDS = 60


def main() -> None:
    """Play the demo, take a screenshot of each tab that the README shows, and record what code they show."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        sys.exit("Taking pictures needs Chromium: on Debian, apt-get install chromium.")
    with stage() as running:
        play(running, Console())
        api = SheetsApi(running.sheets.url)
        sheet_ids = api.sheet_ids(running.spreadsheet_id)
        api.close()
        for title, name in zip(_TITLES, pictures.NAMES, strict=True):
            target = pictures.FOLDER / name
            _take_screenshot(browser, running, sheet_ids[title], target)
            sys.stdout.write(f"{target}\n")
    pictures.record()


def _take_screenshot(browser: str, running: Stage, sheet_id: int, target: Path) -> None:
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                browser,
                *_BROWSER_OPTIONS.split(),
                f"--user-data-dir={profile}",
                f"--window-size={_SIZE}",
                f"--screenshot={target}",
                f"{running.page}?gid={sheet_id}",
            ],
            check=True,
            capture_output=True,
            timeout=_BROWSER_SECONDS,
        )


if __name__ == "__main__":
    main()
