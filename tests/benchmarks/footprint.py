"""The memory and processor time of a large run."""

from tests.benchmarks.days import CHURN_EVERY
from tests.benchmarks.population import customers, with_churn
from tests.benchmarks.services import avepoint, sheets
from tests.benchmarks.subprocesses import run_module, run_python
from tests.benchmarks.table import Part, Target, number

_CUSTOMERS, _QUICK_CUSTOMERS = 10_000, 1_000
_MAX_MIB = 256
_MIB = 1024 * 1024


def measure(*, quick: bool) -> Part:
    """Run the deployed function three times for many customers, each time in a new process."""
    listed = customers(_QUICK_CUSTOMERS if quick else _CUSTOMERS)
    rows, targets = [], []
    with avepoint() as avepoint_service, sheets() as sheets_service:
        spreadsheet_id = sheets_service.new_spreadsheet(listed)
        settings = {
            **avepoint_service.settings,
            "SPREADSHEET_ID": spreadsheet_id,
            "SHEETS_EMULATOR_HOST": sheets_service.host,
        }
        churned = with_churn(listed, CHURN_EVERY)
        for day, population in (("first run", listed), ("next run", listed), ("10 % churn", churned)):
            avepoint_service.serve(population)
            measured = run_module("tests.benchmarks.whole_run", {"target": "seat_report"}, settings)
            name = f"{number(len(listed))} customers, {number(measured['tenants'])} tenants, {day}"
            peak = measured["peak"] / _MIB
            rows.append([name, number(round(peak)), number(measured["processor_seconds"]), number(measured["seconds"])])
            targets.append(Target(f"{name}: peak resident", peak, _MAX_MIB, unit=" MiB"))
    idle = run_python(["-c", _IDLE])["peak"] / _MIB
    rows.append(["the four given packages, imported and idle", number(round(idle)), "–", "–"])
    columns = ("run", "peak resident, MiB", "processor, s", "seconds")
    note = (
        "The deployed source in the Functions Framework, asked once, in a process of its own; four queries a "
        "customer, 16 at once, without latency. Measured once each: it hardly varies."
    )
    return Part("Memory and processor", columns, rows, note, targets)


_IDLE = (
    "import functions_framework, google.auth, gspread, requests, json;"
    "from tests.benchmarks.gauge import peak_resident_bytes;"
    "print(json.dumps({'peak': peak_resident_bytes()}))"
)
