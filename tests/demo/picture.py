"""`make picture`: the README's screenshots of the local Sheets service's page, taken with a headless browser."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from tests.demo.__main__ import play
from tests.demo.stage import SheetsApi, Stage, stage

_FOLDER = Path(__file__).parent
_SCREENSHOTS = {"Overview": "overview.png", "Seat Report": "report.png", "Billing": "billing.png"}
_BROWSER_OPTIONS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --hide-scrollbars --force-device-scale-factor=1"
)
_BROWSER_SECONDS = 60


def main() -> None:
    """Play the demo and take a screenshot of each tab that the README shows."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        sys.exit("Taking pictures needs Chromium: on Debian, apt-get install chromium.")
    with stage() as running:
        play(running, Console())
        api = SheetsApi(running.sheets.url)
        sheet_ids = api.sheet_ids(running.spreadsheet_id)
        api.close()
        for title, name in _SCREENSHOTS.items():
            _take_screenshot(browser, running, sheet_ids[title], _FOLDER / name)
            sys.stdout.write(f"{_FOLDER / name}\n")


def _take_screenshot(browser: str, running: Stage, sheet_id: int, target: Path) -> None:
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                browser,
                *_BROWSER_OPTIONS.split(),
                f"--user-data-dir={profile}",
                "--window-size=1640,860",
                f"--screenshot={target}",
                f"{running.page}?gid={sheet_id}",
            ],
            check=True,
            capture_output=True,
            timeout=_BROWSER_SECONDS,
        )


if __name__ == "__main__":
    main()
