"""A simulation of months: customers and tenants are added, removed and changed, and services fail."""

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

_MIN_CUSTOMERS, _MAX_CUSTOMERS = 5, 9
_TYPES = (TenantType.MICROSOFT_365, TenantType.GOOGLE, TenantType.SALESFORCE)
_LABELS = {TenantType.MICROSOFT_365: "Microsoft 365", TenantType.GOOGLE: "Google", TenantType.SALESFORCE: "Salesforce"}
_AVEPOINT_FAULTS: tuple[dict[str, Any], ...] = (
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
_SHEETS_FAULTS: tuple[dict[str, Any], ...] = (
    {"action": "503", "times": 1},
    {"action": "503", "when": "after", "method": "POST"},
    {"action": "500", "times": 8},
    {"action": "429", "times": 2},
    {"action": "reset"},
    {"action": "reset", "when": "after", "method": "POST"},
    {"action": "hang", "seconds": 1},
    {"action": "hang", "when": "after", "seconds": 1},
)
# The share of runs without a fault, and the seconds since the run before: a repeated call, the next hour, days.
_FAULTLESS_SHARE = 0.4
_GAPS = (20.0, 3_600.0, 86_400.0, 4 * 86_400.0, 9 * 86_400.0)


class Simulation:
    """The two services with a spreadsheet, changing at random."""

    def __init__(self, avepoint: services.AvePointService, sheets: services.SheetsService, seed: int) -> None:
        self._avepoint = avepoint
        self._sheets = sheets
        self._chance = random.Random(seed)
        self._last_number = 0
        self.customers = [self._customer() for _ in range(_MIN_CUSTOMERS + 2)]
        self.spreadsheet_id = sheets.new_spreadsheet(())
        self._publish()

    @property
    def settings(self) -> Mapping[str, str]:
        """The settings that the function needs."""
        return self._avepoint.settings | {
            "SPREADSHEET_ID": self.spreadsheet_id,
            "SHEETS_EMULATOR_HOST": self._sheets.host,
            "TENANT_TYPES": "microsoft-365,google,salesforce",
        }

    def gap(self) -> float:
        """Seconds until the next run."""
        return self._chance.choice(_GAPS)

    def change(self) -> None:
        """Change customers and tenants."""
        chance = self._chance.random
        for index, customer in enumerate(self.customers):
            self.customers[index] = self._changed(customer)
        # The first one stays because somebody has written beside it.
        if chance() < 0.2 and len(self.customers) > _MIN_CUSTOMERS:
            del self.customers[self._chance.randrange(1, len(self.customers))]
        if chance() < 0.2 and len(self.customers) < _MAX_CUSTOMERS:
            self.customers.append(self._customer())
        self._publish()

    def inject_faults(self) -> None:
        """Make something go wrong in the next run, or nothing."""
        chance = self._chance
        if chance.random() < _FAULTLESS_SHARE:
            return
        if chance.random() < 0.7:
            self._post(self._avepoint.url, "faults", chance.choice(_AVEPOINT_FAULTS))
        if chance.random() < 0.4:
            fault = chance.choice(_SHEETS_FAULTS)
            self._post(self._sheets.url, "faults", fault | {"nth": chance.randint(1, 5)})
        if chance.random() < 0.2:
            self._post(self._avepoint.url, "tokens/revoke", {})
        self._avepoint.behave(token_uses=chance.choice((None, 5)))

    def recover(self) -> None:
        """Remove all faults and forget past requests."""
        self._avepoint.behave(token_uses=None)
        for service in (self._avepoint, self._sheets):
            requests.delete(f"{service.url}/emulator/faults", timeout=60).raise_for_status()
        self._sheets.forget_requests()

    def remark(self, text: str) -> None:
        """Write beside the first tenant's row, as a person."""
        rows = self._sheets.values(self.spreadsheet_id, "Seat Report!A1:ZZ100")
        index = next(index for index, row in enumerate(rows) if self.customers[0].tenants[0].id in row)
        self._sheets.put_beside(self.spreadsheet_id, "Seat Report", index + 1, text)

    def rows(self, title: str) -> list[dict[str, Any]]:
        """A tab's rows by header (empty for a column without one), numbers as numbers."""
        url = f"{self._sheets.url}/v4/spreadsheets/{self.spreadsheet_id}/values/{title}"
        params = {"valueRenderOption": "UNFORMATTED_VALUE"}
        response = requests.get(url, params=params, headers={"Authorization": "Bearer person"}, timeout=60)
        response.raise_for_status()
        table = response.json()["values"]
        width = max(map(len, table))
        header, *rows = [[*row, *[""] * (width - len(row))] for row in table]
        return [dict(zip(header, row, strict=True)) for row in rows]

    def document(self) -> dict[str, Any]:
        """The complete spreadsheet resource."""
        url = f"{self._sheets.url}/v4/spreadsheets/{self.spreadsheet_id}"
        response = requests.get(
            url, params={"includeGridData": "true"}, headers={"Authorization": "Bearer person"}, timeout=60
        )
        response.raise_for_status()
        document: dict[str, Any] = response.json()
        return document

    def seats(self) -> dict[tuple[str, str, str], tuple[str, str, int, int]]:
        """AvePoint's data: names and counts by customer, type and tenant."""
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
        rows = [[customer.id, customer.organization] for customer in self.customers]
        # Blank rows overwrite customers that have been removed.
        rows += [["", ""]] * (_MAX_CUSTOMERS - len(rows))
        self._sheets.put(self.spreadsheet_id, "Customers!A1", [CUSTOMERS_HEADER, *rows])

    def _changed(self, customer: Customer) -> Customer:
        chance = self._chance.random
        tenants = list(customer.tenants)
        for index, tenant in enumerate(tenants):
            if chance() < 0.3:
                tenants[index] = replace(tenant, assigned=self._chance.randrange(500))
            if chance() < 0.03:
                tenants[index] = replace(tenants[index], name=f"Renamed {self._next_number():05}")
        if len(tenants) > 1 and chance() < 0.1:
            del tenants[self._chance.randrange(1, len(tenants))]
        if len(tenants) < 3 and chance() < 0.1:
            tenants.append(self._tenant())
        name = f"Renamed {self._next_number():05}" if chance() < 0.03 else customer.organization
        return replace(customer, organization=name, tenants=tuple(tenants))

    def _customer(self) -> Customer:
        number = self._next_number()
        return Customer(f"c-{number}", f"Customer {number:05}", (self._tenant(), self._tenant()))

    def _tenant(self) -> Tenant:
        number = self._next_number()
        seats = self._chance.randrange(500), self._chance.randrange(100)
        return Tenant(f"t-{number}", f"Tenant {number:05}", self._chance.choice(_TYPES), *seats)

    def _next_number(self) -> int:
        self._last_number += 1
        return self._last_number

    def _post(self, url: str, resource: str, content: dict[str, Any]) -> None:
        response = requests.post(f"{url}/emulator/{resource}", data=json.dumps(content), timeout=60)
        response.raise_for_status()


@contextmanager
def simulation(seed: int) -> Iterator[Simulation]:
    """A new simulation, whose services run in their own processes."""
    with services.avepoint() as avepoint, services.sheets() as sheets:
        yield Simulation(avepoint, sheets, seed)
