"""Every text of the corpus on its way through every field at once: into a run, and out to sheet, page, answer and log.

Each text gets a customer of its own, whose name in the Customers tab it is, and in AvePoint a tenant's ID and name, a
count, an error's message and a body that is no JSON. In rows of its own it is a customer's ID, and what stands under
"Tenant types" and "Include".
"""

import contextlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.emulators.avepoint.data import Customer, Tenant, TenantType
from tests.emulators.avepoint.faults import Fault
from tests.proof.sampling import chosen
from tests.properties.corpus import CORPUS, HALVES, Hostile
from tests.support.world import World, world

BROWSER = {"Accept": "text/html"}
# The fields that a text goes into, on one customer each but for those of a tenant.
FIELDS = (
    "customer name",
    "customer ID",
    "tenant types",
    "include",
    "tenant ID",
    "tenant name",
    "count",
    "error message",
    "body",
)
HEADER = ["Customer ID", "Customer", "Tenant types", "Include"]

M365, SALESFORCE, GOOGLE, DYNAMICS = TenantType


@dataclass(frozen=True)
class Journey:
    """The texts, the world after the run, and what came out of it: answers as they were sent, and what was logged.

    `sheets` is all of the spreadsheet, with formats, notes and everything around the cells.
    """

    texts: list[Hostile]
    world: World
    sheets: list[dict[str, Any]]
    answers: dict[str, Any]
    logged: str

    def customer(self, hostile: Hostile) -> str:
        """The ID of the text's own customer."""
        return f"h-{self.texts.index(hostile)}"


@contextlib.contextmanager
def travelled() -> Iterator[Journey]:
    """One run over everything, one that repeats it, a preview after changes, and one that is watched."""
    texts = chosen(CORPUS, 60) + HALVES
    with pytest.MonkeyPatch.context() as patch, world(patch) as made:
        made.configure(AVEPOINT_SEATS_CONTRACT="users", LOG_LEVEL="DEBUG")
        made.avepoint.directory.replace_all(_customer(f"h-{n}", one, n) for n, one in enumerate(texts))
        made.avepoint.faults.add(*(fault for n, one in enumerate(texts) for fault in _faults(f"h-{n}", one.text)))
        made.put("Customers", [HEADER, *(row for n, one in enumerate(texts) for row in _rows(n, _whole(one.text)))])
        with contextlib.redirect_stdout(io.StringIO()) as lines:
            answers = {
                "first": _sent(made.function.post("/")),
                "again": _sent(made.function.post("/")),
                "form": _sent(made.function.get("/", headers=BROWSER)),
                "watched": _sent(made.function.post("/", headers=BROWSER)),
            }
            made.avepoint.directory.let_a_month_pass(seed=1)
            answers["preview"] = _sent(made.function.post("/?dry_run=true"))
            answers["watched preview"] = _sent(made.function.post("/?dry_run=true", headers=BROWSER))
        sheets = made.book.fetch_sheet_metadata(params={"includeGridData": "true"})["sheets"]
        # The journey is kept for as long as tests run; its settings are none of the other tests'.
        patch.undo()
        yield Journey(texts, made, sheets, answers, lines.getvalue())


def _sent(answer: Any) -> Any:
    """The answer when all of it was sent: a page is not, until its run is over."""
    answer.get_data()
    return answer


def _whole(text: str) -> str:
    """The text as UTF-8 can have it, as no spreadsheet holds half of a pair."""
    return text.encode("utf-8", "replace").decode()


def _customer(customer_id: str, hostile: Hostile, number: int) -> Customer:
    """What AvePoint has of the text's customer; a tenant's ID has to be told apart by more than its text."""
    text = _whole(hostile.text)
    tenants = (Tenant(text, text, M365, number, 3), Tenant(f"g-{number}", text, GOOGLE, 1, 1))
    return Customer(customer_id, text, tenants)


def _faults(customer_id: str, text: str) -> Iterator[Fault]:
    """What AvePoint says of the customer that is no answer, with the text in it; in JSON, halves of pairs too."""
    count = {"id": f"g-{customer_id}", "name": text, "assignedUserSeat": text, "availableUserSeat": 1}
    error = {"message": text, "requestId": text, "errors": [{"message": text}]}
    yield Fault(kind="body", customer_id=customer_id, tenant_type=GOOGLE, body=json.dumps([count]))
    yield Fault(kind="body", customer_id=customer_id, tenant_type=SALESFORCE, status=400, body=json.dumps(error))
    yield Fault(kind="body", customer_id=customer_id, tenant_type=DYNAMICS, body=_whole(text))


def _rows(number: int, text: str) -> Iterator[list[str]]:
    yield [f"h-{number}", text, "", ""]
    yield [text, "by its ID", "google", ""]
    yield [f"t-{number}", "by its tenant types", text, "no"]
    yield [f"i-{number}", "by whether it is included", "google", text]
