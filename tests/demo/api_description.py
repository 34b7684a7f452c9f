"""Installs the one file of google-api-python-client that the local Sheets service needs: Google's description of it.

The package has the descriptions of several hundred other services and takes more than a hundred megabytes.
"""

import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from pathlib import Path

_PACKAGE = "google-api-python-client"
_DESCRIPTION = "googleapiclient/discovery_cache/documents/sheets.v4.json"
# Where the version is pinned, for tests need the package whole.
_PINNED = Path(__file__).resolve().parents[1] / "requirements.txt"


def main() -> None:
    """Download the package and extract the file beside the other packages, unless it is there."""
    packages = Path(sysconfig.get_paths()["purelib"])
    if (packages / _DESCRIPTION).exists():
        return
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--no-deps", "-c", str(_PINNED), "-d", folder, _PACKAGE], check=True)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            archive.extract(_DESCRIPTION, packages)


if __name__ == "__main__":
    main()
