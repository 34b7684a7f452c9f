"""What a run of a large report takes of a machine: memory and processor."""

from tests.benchmarks.days import CHURN_EVERY
from tests.benchmarks.fresh import ask_python, run_fresh
from tests.benchmarks.population import customers, with_churn
from tests.benchmarks.services import avepoint, sheets
from tests.benchmarks.table import Part, Target, number

_CUSTOMERS, _QUICK_CUSTOMERS = 10_000, 1_000
_MOST_MIB = 256
_MIB = 1024 * 1024


def measure(*, quick: bool) -> Part:
    """Run the deployed function three times over many customers, each time in a fresh process."""
    listed = customers(_QUICK_CUSTOMERS if quick else _CUSTOMERS)
    rows, targets = [], []
    with avepoint() as asked, sheets() as written:
        spreadsheet_id = written.new_spreadsheet(listed)
        settings = {**asked.settings, "SPREADSHEET_ID": spreadsheet_id, "SHEETS_EMULATOR_HOST": written.host}
        churned = with_churn(listed, CHURN_EVERY)
        for name, population in (("first run", listed), ("next run", listed), ("10 % churn", churned)):
            asked.serve(population)
            took = run_fresh("tests.benchmarks.whole_run", {"target": "seat_report"}, settings)
            what = f"{number(len(listed))} customers, {number(took['tenants'])} tenants, {name}"
            peak = took["peak"] / _MIB
            rows.append([what, number(round(peak)), number(took["processor_seconds"]), number(took["seconds"])])
            targets.append(Target(f"{what}: peak resident", peak, _MOST_MIB, unit=" MiB"))
    idle = ask_python(["-c", _IDLE])["peak"] / _MIB
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
