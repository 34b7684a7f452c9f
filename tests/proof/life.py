"""What happens to the report in the course of months: customers and tenants come, go and change, services fail."""

import json
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import requests

from tests.benchmarks import services
from tests.benchmarks.population import CUSTOMERS_HEADER
from tests.emulators.avepoint.data import Customer, Tenant, TenantType

_FEWEST, _MOST = 5, 9
_TYPES = (TenantType.MICROSOFT_365, TenantType.GOOGLE, TenantType.SALESFORCE)
_LABELS = {TenantType.MICROSOFT_365: "Microsoft 365", TenantType.GOOGLE: "Google", TenantType.SALESFORCE: "Salesforce"}
_AVEPOINT_TROUBLES: tuple[dict[str, Any], ...] = (
    {"kind": "status", "status": 429, "retry_after": "2", "times": 3},
    {"kind": "status", "status": 429, "retry_after": "600"},
    {"kind": "status", "status": 429, "each_query": True, "times": 1},
    {"kind": "status", "status": 500, "times": 4},
    {"kind": "status", "status": 503, "retry_after": "1", "each_query": True, "times": 1},
    {"kind": "status", "status": 502},
    {"kind": "status", "status": 404, "customer_id": "c-2"},
    {"kind": "reset", "times": 5},
    {"kind": "hang", "times": 2},
    {"kind": "truncated", "times": 3},
    {"kind": "malformed", "times": 3},
    {"kind": "html", "times": 2},
    {"kind": "dribble", "times": 1},
    {"kind": "count", "value": -1, "times": 2},
    {"endpoint": "token", "kind": "status", "status": 503, "times": 2},
    {"endpoint": "token", "kind": "reset", "times": 1},
    {"endpoint": "token", "kind": "hang", "times": 1},
    {"endpoint": "token", "kind": "status", "status": 500},
)
_SHEETS_TROUBLES: tuple[dict[str, Any], ...] = (
    {"action": "503", "times": 1},
    {"action": "503", "when": "after", "method": "POST"},
    {"action": "500", "times": 8},
    {"action": "429", "times": 2},
    {"action": "reset"},
    {"action": "reset", "when": "after", "method": "POST"},
    {"action": "hang", "seconds": 1},
    {"action": "hang", "when": "after", "seconds": 1},
)
# What is wrong in a run, if anything, and how long after the run before it comes: a repeated call, the next hour, days.
_QUIET_SHARE = 0.4
_GAPS = (20.0, 3_600.0, 86_400.0, 4 * 86_400.0, 9 * 86_400.0)


class Life:
    """The two services, with a spreadsheet that people look at, and chance."""

    def __init__(self, avepoint: services.AvePointService, sheets: services.SheetsService, seed: int) -> None:
        self._avepoint = avepoint
        self._sheets = sheets
        self._chance = random.Random(seed)
        self._born = 0
        self.customers = [self._customer() for _ in range(_FEWEST + 2)]
        self.spreadsheet_id = sheets.new_spreadsheet(())
        self._publish()

    @property
    def settings(self) -> Mapping[str, str]:
        """What the function must be told."""
        return self._avepoint.settings | {
            "SPREADSHEET_ID": self.spreadsheet_id,
            "SHEETS_EMULATOR_HOST": self._sheets.host,
            "TENANT_TYPES": "microsoft-365,google,salesforce",
        }

    def gap(self) -> float:
        """How many seconds pass until the next run."""
        return self._chance.choice(_GAPS)

    def go_on(self) -> None:
        """Change what is there to be reported."""
        chance = self._chance.random
        for place, customer in enumerate(self.customers):
            self.customers[place] = self._changed(customer)
        # The first one stays, as somebody has written beside it.
        if chance() < 0.2 and len(self.customers) > _FEWEST:
            del self.customers[self._chance.randrange(1, len(self.customers))]
        if chance() < 0.2 and len(self.customers) < _MOST:
            self.customers.append(self._customer())
        self._publish()

    def fail(self) -> None:
        """Let something go wrong in the next run, or nothing."""
        chance = self._chance
        if chance.random() < _QUIET_SHARE:
            return
        if chance.random() < 0.7:
            self._post(self._avepoint.url, "faults", chance.choice(_AVEPOINT_TROUBLES))
        if chance.random() < 0.4:
            trouble = chance.choice(_SHEETS_TROUBLES)
            self._post(self._sheets.url, "faults", trouble | {"nth": chance.randint(1, 5)})
        if chance.random() < 0.2:
            self._post(self._avepoint.url, "tokens/revoke", {})
        self._avepoint.behave(token_uses=chance.choice((None, 5)))

    def recover(self) -> None:
        """Let nothing go wrong any more, and forget what was asked."""
        self._avepoint.behave(token_uses=None)
        for service in (self._avepoint, self._sheets):
            requests.delete(f"{service.url}/emulator/faults", timeout=60).raise_for_status()
        self._sheets.forget_requests()

    def remark(self, text: str) -> None:
        """Write beside the row of the first tenant, as a person."""
        rows = self._sheets.values(self.spreadsheet_id, "Seat Report!A1:ZZ100")
        place = next(place for place, row in enumerate(rows) if self.customers[0].tenants[0].id in row)
        self._sheets.put_beside(self.spreadsheet_id, "Seat Report", place + 1, text)

    def rows(self, title: str) -> list[dict[str, Any]]:
        """A tab's rows by header, "" for a column without one; numbers as numbers."""
        url = f"{self._sheets.url}/v4/spreadsheets/{self.spreadsheet_id}/values/{title}"
        params = {"valueRenderOption": "UNFORMATTED_VALUE"}
        answer = requests.get(url, params=params, headers={"Authorization": "Bearer person"}, timeout=60)
        answer.raise_for_status()
        table = answer.json()["values"]
        width = max(map(len, table))
        header, *rows = [[*row, *[""] * (width - len(row))] for row in table]
        return [dict(zip(header, row, strict=True)) for row in rows]

    def document(self) -> dict[str, Any]:
        """The whole spreadsheet, as Google describes it."""
        url = f"{self._sheets.url}/v4/spreadsheets/{self.spreadsheet_id}"
        answer = requests.get(
            url, params={"includeGridData": "true"}, headers={"Authorization": "Bearer person"}, timeout=60
        )
        answer.raise_for_status()
        document: dict[str, Any] = answer.json()
        return document

    def seats(self) -> dict[tuple[str, str, str], tuple[str, str, int, int]]:
        """What AvePoint has: by customer, type and tenant their names and counts."""
        return {
            (customer.id, _LABELS[tenant.type], tenant.id): (
                customer.organization,
                tenant.name,
                tenant.assigned,
                tenant.available,
            )
            for customer in self.customers
            for tenant in customer.tenants
        }

    def _publish(self) -> None:
        self._avepoint.serve(self.customers)
        rows = [[one.id, one.organization] for one in self.customers]
        # Over all lines there ever were, so that nobody who has gone stays listed.
        rows += [["", ""]] * (_MOST - len(rows))
        self._sheets.put(self.spreadsheet_id, "Customers!A1", [CUSTOMERS_HEADER, *rows])

    def _changed(self, customer: Customer) -> Customer:
        chance = self._chance.random
        tenants = list(customer.tenants)
        for place, tenant in enumerate(tenants):
            if chance() < 0.3:
                tenants[place] = replace(tenant, assigned=self._chance.randrange(500))
            if chance() < 0.03:
                tenants[place] = replace(tenants[place], name=f"Renamed {self._next():05}")
        if len(tenants) > 1 and chance() < 0.1:
            del tenants[self._chance.randrange(1, len(tenants))]
        if len(tenants) < 3 and chance() < 0.1:
            tenants.append(self._tenant())
        name = f"Renamed {self._next():05}" if chance() < 0.03 else customer.organization
        return replace(customer, organization=name, tenants=tuple(tenants))

    def _customer(self) -> Customer:
        number = self._next()
        return Customer(f"c-{number}", f"Customer {number:05}", (self._tenant(), self._tenant()))

    def _tenant(self) -> Tenant:
        number = self._next()
        seats = self._chance.randrange(500), self._chance.randrange(100)
        return Tenant(f"t-{number}", f"Tenant {number:05}", self._chance.choice(_TYPES), *seats)

    def _next(self) -> int:
        self._born += 1
        return self._born

    def _post(self, url: str, what: str, content: dict[str, Any]) -> None:
        answer = requests.post(f"{url}/emulator/{what}", data=json.dumps(content), timeout=60)
        answer.raise_for_status()


@contextmanager
def begun(seed: int) -> Iterator[Life]:
    """A life at its beginning; its services are in processes of their own."""
    with services.avepoint() as avepoint, services.sheets() as sheets:
        yield Life(avepoint, sheets, seed)
