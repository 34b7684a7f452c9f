"""The control API under /emulator: make the service slow, strict or broken, and read what it was asked.

GET /emulator gives the settings. PATCH /emulator changes `latency` (seconds), `quota` ([reads, writes] or null),
`anonymous`, `refused_tokens` and `forbidden`. POST /emulator/faults adds a fault, DELETE removes all. GET
/emulator/requests gives the request log, DELETE clears it. DELETE /emulator/spreadsheets forgets all spreadsheets.
POST /emulator/spreadsheets/ID/comments starts a comment thread on a cell as a person does, GET gives all threads.
"""

from __future__ import annotations

import json
import re
from typing import Any

from aiohttp import web

from .batch.registry import Batch
from .comments import start_thread
from .conduct import Conduct, Logged, fault_from
from .errors import ApiError, Json, invalid
from .schema import check
from .store import Store


async def answer_control(
    store: Store, conduct: Conduct, requests: list[Logged], request: web.Request, raw: bytes
) -> web.Response:
    """Answer a request of the control API."""
    try:
        answer = _answer(store, conduct, requests, request, json.loads(raw or b"null"))
    except ValueError:
        return web.json_response(invalid("The body is not JSON.").body(), status=400)
    except ApiError as error:
        return web.json_response(error.body(), status=error.code)
    return web.json_response(answer)


def _answer(store: Store, conduct: Conduct, requests: list[Logged], request: web.Request, body: Any) -> Any:
    match request.method, request.path.rstrip("/"):
        case "GET", "/emulator":
            return _settings(conduct)
        case "PATCH", "/emulator":
            _change(conduct, body)
            return _settings(conduct)
        case "POST", "/emulator/faults":
            conduct.faults.append(fault_from(body))
            return _settings(conduct)
        case "DELETE", "/emulator/faults":
            conduct.faults.clear()
            return _settings(conduct)
        case "GET", "/emulator/requests":
            return [entry._asdict() for entry in requests]
        case "DELETE", "/emulator/requests":
            requests.clear()
            return {}
        case "DELETE", "/emulator/spreadsheets":
            store.files.clear()
            return {}
    if found := _COMMENTS.fullmatch(request.path):
        return _comments(store, found["id"], body if request.method == "POST" else None)
    raise ApiError(404, f"There is no {request.method} {request.path}; see the README of this service.")


_COMMENTS = re.compile(r"/emulator/spreadsheets/(?P<id>[^/]+)/comments/?")


def _comments(store: Store, spreadsheet_id: str, given: Any) -> Any:
    """Start a thread if one is given, and answer it; otherwise answer all."""
    if given is None:
        return store.file(spreadsheet_id).spreadsheet.comments
    body = check("InsertCommentRequest", given)

    def start(batch: Batch) -> Json:
        place = body.get("coordinate", {})
        sheet = batch.spreadsheet.sheet(place.get("sheetId", 0))
        quote = batch.view().formatted(sheet, place.get("rowIndex", 0), place.get("columnIndex", 0))
        return start_thread(batch.spreadsheet, body, quote, store.clock.now())

    return store.change(spreadsheet_id, "", start)


def _settings(conduct: Conduct) -> Json:
    return {
        "latency": conduct.latency,
        "quota": conduct.quota and list(conduct.quota),
        "anonymous": conduct.anonymous,
        "refused_tokens": sorted(conduct.refused_tokens),
        "forbidden": sorted(conduct.forbidden),
        "faults": [
            {name: value for name, value in vars(fault).items() if value is not None} for fault in conduct.faults
        ],
    }


def _change(conduct: Conduct, body: Any) -> None:
    if not isinstance(body, dict) or not body.keys() <= _settings(conduct).keys() - {"faults"}:
        raise invalid("The settings are latency, quota, anonymous, refused_tokens and forbidden.")
    try:
        if "latency" in body:
            conduct.latency = float(body["latency"])
        if "quota" in body:
            conduct.quota = body["quota"] and (int(body["quota"][0]), int(body["quota"][1]))
        if "anonymous" in body:
            conduct.anonymous = bool(body["anonymous"])
        for name in ("refused_tokens", "forbidden"):
            if name in body:
                setattr(conduct, name, {str(item) for item in body[name]})
    except (TypeError, ValueError, IndexError) as error:
        raise invalid(f"Invalid setting: {error}") from error
