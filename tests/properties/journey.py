"""Runs with every text of the corpus in every field at once, and their output: sheets, pages, responses and logs.

Each text gets its own customer. It is the customer's name in the Customers tab, and at AvePoint a tenant's ID and name,
a count, an error message and a body that is not JSON. In further rows it is a customer's ID, and the value of "Tenant
types" and "Include". A second customer with the text as its name is at AvePoint, and nobody lists it.
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
# The fields that a text is put into.
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
    """The texts, the world after the runs, and their output: the responses as sent, and what was logged.

    `sheets` is the complete spreadsheet, with formats, notes and everything around the cells.
    """

    texts: list[Hostile]
    world: World
    sheets: list[dict[str, Any]]
    responses: dict[str, Any]
    logged: str

    def customer(self, hostile: Hostile) -> str:
        """The ID of the customer with this text."""
        return f"h-{self.texts.index(hostile)}"


@contextlib.contextmanager
def completed_journey() -> Iterator[Journey]:
    """The journey: a run, a repeated one, one with a progress page, and previews after changes."""
    texts = chosen(CORPUS, 20) + HALVES
    with pytest.MonkeyPatch.context() as patch, world(patch) as created:
        created.configure(AVEPOINT_SEATS_CONTRACT="users", LOG_LEVEL="DEBUG", FIND_CUSTOMERS="on", PURCHASED_SEATS="on")
        created.avepoint.directory.replace_all(
            [
                *(_customer_with(f"h-{number}", hostile, number) for number, hostile in enumerate(texts)),
                *(Customer(f"u-{number}", utf8_text(hostile.text)) for number, hostile in enumerate(texts)),
            ]
        )
        created.avepoint.faults.add(
            *(fault for number, hostile in enumerate(texts) for fault in _faults_with(f"h-{number}", hostile.text))
        )
        created.put(
            "Customers",
            [
                HEADER,
                *(row for number, hostile in enumerate(texts) for row in _rows_with(number, utf8_text(hostile.text))),
            ],
        )
        with contextlib.redirect_stdout(io.StringIO()) as output:
            responses = {
                "first": _complete(created.function.post("/")),
                "again": _complete(created.function.post("/")),
                "form": _complete(created.function.get("/", headers=BROWSER)),
                "watched": _complete(created.function.post("/", headers=BROWSER)),
            }
            created.avepoint.directory.let_a_month_pass(seed=1)
            responses["preview"] = _complete(created.function.post("/?dry_run=true"))
            responses["watched preview"] = _complete(created.function.post("/?dry_run=true", headers=BROWSER))
        sheets = created.book.fetch_sheet_metadata(params={"includeGridData": "true"})["sheets"]
        # The journey lives until all tests have run; its settings must not affect other tests.
        patch.undo()
        yield Journey(texts, created, sheets, responses, output.getvalue())


def _complete(response: Any) -> Any:
    """The response, read to its end: a page ends when its run is over."""
    response.get_data()
    return response


def utf8_text(text: str) -> str:
    """The text as UTF-8 can encode it: no spreadsheet holds half of a surrogate pair."""
    return text.encode("utf-8", "replace").decode()


def _customer_with(customer_id: str, hostile: Hostile, number: int) -> Customer:
    """The customer at AvePoint; its second tenant has a unique ID, as the text alone may not be one."""
    text = utf8_text(hostile.text)
    # Formulas first in the Overview's list of unused seats.
    unused = 30 if text.startswith("=") else 3
    tenants = (Tenant(text, text, M365, number, unused), Tenant(f"g-{number}", text, GOOGLE, 1, 1))
    return Customer(customer_id, text, tenants)


def _faults_with(customer_id: str, text: str) -> Iterator[Fault]:
    """Invalid responses of AvePoint for the customer with the text in them; in JSON also halves of surrogate pairs."""
    count = {"id": f"g-{customer_id}", "name": text, "assignedUserSeat": text, "availableUserSeat": 1}
    error = {"message": text, "requestId": text, "errors": [{"message": text}]}
    yield Fault(kind="body", customer_id=customer_id, tenant_type=GOOGLE, body=json.dumps([count]))
    yield Fault(kind="body", customer_id=customer_id, tenant_type=SALESFORCE, status=400, body=json.dumps(error))
    yield Fault(kind="body", customer_id=customer_id, tenant_type=DYNAMICS, body=utf8_text(text))
    yield Fault(kind="body", endpoint="purchased", customer_id=customer_id, tenant_type=M365, body=utf8_text(text))
    purchased = {"productType": text, "purchasedUserSeat": text}
    yield Fault(
        kind="body", endpoint="purchased", customer_id=customer_id, tenant_type=GOOGLE, body=json.dumps(purchased)
    )


def _rows_with(number: int, text: str) -> Iterator[list[str]]:
    yield [f"h-{number}", text, "", ""]
    yield [text, "by its ID", "google", ""]
    yield [f"t-{number}", "by its tenant types", text, "no"]
    yield [f"i-{number}", "by whether it is included", "google", text]
