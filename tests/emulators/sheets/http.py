"""The HTTP side: credentials, quota and faults, routing, and answers in the form of Google's front end."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pydantic_core
from aiohttp import web

from .conduct import Conduct, Fault, Logged, failure
from .control import answer_control
from .endpoints import Call, find
from .errors import ApiError, violations
from .page import answer_page
from .store import Store

log = logging.getLogger(__name__)

MAX_BODY = 512 * 1024 * 1024
_HEADERS = {
    "Cache-Control": "private",
    "Vary": "Origin, X-Origin, Referer",
    "Server": "ESF",
    "X-Content-Type-Options": "nosniff",
}
_NOT_FOUND = """<!DOCTYPE html>
<html lang=en><meta charset=utf-8><title>Error 404 (Not Found)!!1</title>
<p><b>404.</b> <ins>That’s an error.</ins>
<p>The requested URL was not found on this server. <ins>That’s all we know.</ins>
"""
Hook = Callable[[Logged], None]


class Service:
    """The application: its spreadsheets, how it treats clients, and the log of requests."""

    def __init__(self, store: Store | None = None, conduct: Conduct | None = None) -> None:
        self.store = store or Store()
        self.conduct = conduct or Conduct()
        self.requests: list[Logged] = []
        self.before_request: Hook | None = None
        self._in_hook = False

    def application(self) -> web.Application:
        """Give the aiohttp application."""
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_route("*", "/{tail:.*}", self._handle)
        return app

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        path = request.path
        if path.startswith("/emulator"):
            return await answer_control(self.store, self.conduct, self.requests, request, raw)
        page = answer_page(self.store, request)
        if page is not None:
            return page
        logged = Logged(request.method, path, len(raw), _kinds(path, raw))
        self.requests.append(logged)
        await self._call_back(logged)
        if self.conduct.latency:
            await asyncio.sleep(self.conduct.latency)
        fault = self.conduct.fault_for(logged)
        if fault and fault.when == "before":
            return await _fail(request, fault)
        response = self._answer(request, raw)
        return await _fail(request, fault) if fault else response

    async def _call_back(self, logged: Logged) -> None:
        """Let a test act between two requests; what it asks of the service meanwhile is not called back for."""
        if self.before_request is None or self._in_hook:
            return
        self._in_hook = True
        try:
            await asyncio.to_thread(self.before_request, logged)
        finally:
            self._in_hook = False

    def _answer(self, request: web.Request, raw: bytes) -> web.Response:
        found = find(request.method, request.path)
        if found is None:
            return web.Response(status=404, text=_NOT_FOUND, content_type="text/html", charset="utf-8")
        route, parts = found
        query = parse_qs(request.rel_url.raw_query_string, keep_blank_values=True)
        compact = query.get("prettyPrint", ["true"])[-1].lower() == "false"
        try:
            caller = self.conduct.authenticate(_token(request, query))
            self.conduct.check_access(parts.get("id", ""))
            self.conduct.check_quota(caller, writes=route.writes)
            base_url = f"{request.scheme}://{request.host}"
            call = Call(self.store, base_url, caller, parts, query, None, raw, request.headers.get("Content-Type", ""))
            if not route.media:
                call.body = _parsed(raw)
            answer = route.endpoint(call)
        except ApiError as error:
            return _json(request, error.body(), error.code, compact=compact)
        except Exception:
            log.exception("%s %s failed", request.method, request.path)
            return _json(request, ApiError(500, "Internal error encountered.").body(), 500, compact=compact)
        if isinstance(answer, web.Response):
            return answer
        return _json(request, answer, 200, compact=compact)


def _token(request: web.Request, query: dict[str, list[str]]) -> str | None:
    header = request.headers.get("Authorization", "")
    scheme, _, token = header.partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    return query["access_token"][-1] if "access_token" in query else None


def _parsed(raw: bytes) -> Any:
    if not raw.strip():
        return None
    try:
        return json.loads(raw)
    except ValueError as error:
        text = raw.decode(errors="replace")[:40]
        raise violations([("", f"Invalid JSON payload received. Unexpected token.\n{text}\n^")]) from error


def _kinds(path: str, raw: bytes) -> tuple[str, ...]:
    """Give the kinds of a batchUpdate's requests."""
    if not path.endswith(":batchUpdate") or "/values" in path:
        return ()
    try:
        requests = json.loads(raw).get("requests") or []
        return tuple(next(iter(request)) for request in requests if request)
    except (ValueError, AttributeError, TypeError):
        return ()


def _json(request: web.Request, body: Any, status: int, *, compact: bool) -> web.Response:
    content = pydantic_core.to_json(body, indent=None if compact else 2) + b"\n"
    response = web.Response(
        body=content, status=status, content_type="application/json", charset="UTF-8", headers=_HEADERS
    )
    if request.version >= (1, 1):
        response.enable_chunked_encoding()
    response.enable_compression()
    return response


async def _fail(request: web.Request, fault: Fault) -> web.StreamResponse:
    """Fail a request as a fault says."""
    if fault.action.isdigit():
        error = failure(int(fault.action))
        return _json(request, error.body(), error.code, compact=False)
    if fault.action == "hang":
        await _until_gone(request, fault.seconds)
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


async def _until_gone(request: web.Request, seconds: float) -> None:
    """Wait until the client leaves, at most so many seconds."""
    for _ in range(int(seconds * 20)):
        if request.transport is None or request.transport.is_closing():
            return
        await asyncio.sleep(0.05)
