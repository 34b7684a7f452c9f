"""The control API under /emulator: make the service slow, strict or broken, and read what it was asked.

GET /emulator gives the settings. PATCH /emulator changes `latency` (seconds), `quota` ([reads, writes] or null),
`anonymous`, `refused_tokens` and `forbidden`. POST /emulator/faults adds a fault, DELETE removes all. GET
/emulator/requests gives the request log, DELETE clears it. DELETE /emulator/spreadsheets forgets all spreadsheets.
"""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from .conduct import Conduct, Logged, fault_from
from .errors import ApiError, Json, invalid
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
    raise ApiError(404, f"There is no {request.method} {request.path}; see the README of this service.")


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
