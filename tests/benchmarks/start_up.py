"""The time from a new instance's first import to its first response."""

import tempfile

from tests.benchmarks.subprocesses import NOT_DEPLOYED, run_python
from tests.benchmarks.table import Part, Target, median

_IMPORTS = "import functions_framework, google.auth, gspread, requests"
_BEFORE = (
    f"import sys; sys.modules.update(dict.fromkeys({NOT_DEPLOYED}))\n"
    "import time; began, worked = time.perf_counter(), time.process_time()\n"
)
_AFTER = (
    "\nseconds, processor = time.perf_counter() - began, time.process_time() - worked\n"
    "import json; print(json.dumps({'seconds': seconds, 'processor': processor}))"
)
# As a server would call it; creating Flask's test client takes as long as ten requests.
_CALL = (
    "\nfrom wsgiref.util import setup_testing_defaults\n"
    "environment, statuses = {'PATH_INFO': '/health'}, []\n"
    "setup_testing_defaults(environment)\n"
    "b''.join(app(environment, lambda status, headers, error=None: statuses.append(status)))\n"
    "assert statuses == ['200 OK'], statuses"
)
_REPORT_RESPONSE = (
    f"import functions_framework\napp = functions_framework.create_app('seat_report', 'function/main.py'){_CALL}"
)
# The time that the framework itself takes to load a function and respond.
_EMPTY_RESPONSE = (
    f"{_IMPORTS}\n"
    "import pathlib, tempfile\n"
    "with tempfile.TemporaryDirectory() as folder:\n"
    "    source = pathlib.Path(folder, 'main.py')\n"
    "    source.write_text('def seat_report(request): return \"\"')\n"
    "    app = functions_framework.create_app('seat_report', str(source))"
    f"{_CALL}"
)
_SETTINGS = {"SPREADSHEET_ID": "none", "AVEPOINT_CLIENT_ID": "none", "AVEPOINT_CLIENT_SECRET": "none"}
_MAX_OF_IMPORTS = 1.3


def measure(*, quick: bool) -> Part:
    """Start new interpreters in turns."""
    ways = {
        "importing functions-framework, google-auth, gspread, requests": _IMPORTS,
        "the same, and an empty function's first answer": _EMPTY_RESPONSE,
        "the report's first answer (`GET /health`)": _REPORT_RESPONSE,
    }
    with tempfile.TemporaryDirectory() as compiled:
        # The first turn reads and compiles the files; a deployment is already compiled.
        turns = [[_start(work, compiled) for work in ways.values()] for _ in range(6 if quick else 16)]
    seconds = [median(start["seconds"] for start in starts) for starts in zip(*turns[1:], strict=True)]
    processor = [median(start["processor"] for start in starts) for starts in zip(*turns[1:], strict=True)]
    rows = [
        [name, f"{wall:.3f}", f"{work:.3f}", f"{work / processor[0]:.2f}"]
        for name, wall, work in zip(ways, seconds, processor, strict=True)
    ]
    target = Target("start-up ÷ importing the four packages", processor[-1] / processor[0], _MAX_OF_IMPORTS)
    columns = ("from first import to", "seconds", "processor, s", "processor ÷ imports'")
    note = (
        "Fresh interpreters, everything byte-compiled as in a deployment. Compared by processor time, which others at "
        "work on the machine disturb less."
    )
    return Part("Start-up", columns, rows, note, [target])


def _start(work: str, compiled: str) -> dict[str, float]:
    settings = {**_SETTINGS, "PYTHONPYCACHEPREFIX": compiled, "PYTHONDONTWRITEBYTECODE": ""}
    return run_python(["-c", _BEFORE + work + _AFTER], settings=settings)
