"""What a check prints, and what the service tells of a spreadsheet."""

from collections.abc import Callable
from typing import Any

import requests

from tests.support.world import World


def content_of(world: World, spreadsheet_id: str) -> Any:
    """Everything that the service tells of a spreadsheet."""
    headers = {"Authorization": "Bearer person@example.com"}
    url = f"{world.sheets.url}/v4/spreadsheets/{spreadsheet_id}"
    return requests.get(url, headers=headers, params={"includeGridData": "true"}, timeout=10).json()


class Printed:
    """What a check printed, and its exit status."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status = status
        self.out = out
        self.err = err
        self.lines = out.splitlines()

    def of(self, *verdicts: str) -> list[str]:
        """The lines of these verdicts, without them."""
        found = [line for line in self.lines if line.startswith(verdicts)]
        return [
            line.removeprefix(verdict).strip() for line in found for verdict in verdicts if line.startswith(verdict)
        ]


Check = Callable[..., Printed]
