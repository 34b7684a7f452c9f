"""The HTTP side: credentials, quota and faults, routing, and answers in the form of Google's front end."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs

from aiohttp import web

from tests.emulators.clock import Clock

from .conduct import Conduct, Fault, Logged, failure
from .control import answer_control
from .encoding import encode
from .endpoints import Call, Media, answer, find
from .errors import ApiError, violations
from .page import answer_page
from .schema import flattened
from .store import Store

log = logging.getLogger(__name__)

MAX_BODY = 512 * 1024 * 1024
# Each write to a connection costs more than what is in it.
_SENT_AT_ONCE = 64 * 1024
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


@dataclass(frozen=True)
class Answer:
    """An answer that is ready to be sent: a file, nothing, or what becomes JSON."""

    status: int
    body: Any
    compact: bool = False

    async def send(self, request: web.Request) -> web.StreamResponse:
        """Send the answer in parts of bounded size, compressed if the client takes it."""
        if self.body is None:
            return web.Response(status=204, headers=_HEADERS)
        is_media = isinstance(self.body, Media)
        response = web.StreamResponse(status=self.status, headers=_HEADERS)
        response.headers["Content-Type"] = self.body.content_type if is_media else "application/json; charset=UTF-8"
        if request.version >= (1, 1):
            response.enable_chunked_encoding()
        packer = None
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            response.headers["Content-Encoding"] = "gzip"
            packer = zlib.compressobj(level=1, wbits=31)
        await response.prepare(request)
        waiting = bytearray()
        for piece in [self.body.content] if is_media else encode(self.body, compact=self.compact):
            waiting += packer.compress(piece) if packer else piece
            if len(waiting) >= _SENT_AT_ONCE:
                await response.write(bytes(waiting))
                waiting.clear()
        if packer:
            waiting += packer.flush()
        await response.write_eof(bytes(waiting))
        return response


class Service:
    """The application: its spreadsheets, how it treats clients, and the log of requests."""

    def __init__(self, clock: Clock, conduct: Conduct | None = None) -> None:
        self.store = Store(clock)
        self.conduct = conduct or Conduct()
        self.requests: list[Logged] = []
        self.before_request: Hook | None = None
        self._in_hook = False

    def application(self) -> web.Application:
        """Give the aiohttp application."""
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_route("*", "/{tail:.*}", self._handle)
        app.on_response_prepare.append(self._set_date)
        return app

    async def _set_date(self, _: web.Request, response: web.StreamResponse) -> None:
        response.headers["Date"] = format_datetime(self.store.clock.now(), usegmt=True)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        path = request.path
        if path.startswith("/emulator"):
            return await answer_control(self.store, self.conduct, self.requests, request, raw)
        page = answer_page(self.store, request)
        if page is not None:
            return page
        body, is_json = _parsed(raw)
        logged = Logged(request.method, path, len(raw), _kinds(path, body))
        self.requests.append(logged)
        await self._call_back(logged)
        if self.conduct.latency:
            await asyncio.sleep(self.conduct.latency)
        fault = self.conduct.fault_for(logged)
        if fault and fault.when == "before":
            return await _fail(request, fault, logged.kinds)
        ready = self._answer(request, raw, body, is_json=is_json)
        return await _fail(request, fault, logged.kinds) if fault else await ready.send(request)

    async def _call_back(self, logged: Logged) -> None:
        """Let a test act between two requests; what it asks of the service meanwhile is not called back for."""
        if self.before_request is None or self._in_hook:
            return
        self._in_hook = True
        try:
            await asyncio.to_thread(self.before_request, logged)
        finally:
            self._in_hook = False

    def _answer(self, request: web.Request, raw: bytes, body: Any, *, is_json: bool) -> Answer:
        """Carry a request out and give the answer, not yet sent."""
        found = find(request.method, request.path)
        if found is None:
            return Answer(404, Media(_NOT_FOUND.encode(), "text/html; charset=UTF-8"))
        route, parts = found
        query = parse_qs(request.rel_url.raw_query_string, keep_blank_values=True)
        compact = query.get("prettyPrint", ["true"])[-1].lower() == "false"
        try:
            caller = self.conduct.authenticate(_token(request, query))
            self.conduct.check_access(parts.get("id", ""))
            self.conduct.check_quota(caller, self.store.clock.monotonic(), writes=route.writes)
            base_url = f"{request.scheme}://{request.host}"
            if not is_json and not route.media:
                _refuse_json(raw)
            call = Call(self.store, base_url, caller, parts, query, body, raw, request.headers.get("Content-Type", ""))
            body = answer(route, call)
        except ApiError as error:
            return Answer(error.code, error.body(), compact=compact)
        except RecursionError:
            return Answer(400, _not_json(raw).body(), compact=compact)
        except Exception:
            log.exception("%s %s failed", request.method, request.path)
            return Answer(500, ApiError(500, "Internal error encountered.").body(), compact=compact)
        return Answer(200, body, compact=compact)


def _token(request: web.Request, query: dict[str, list[str]]) -> str | None:
    header = request.headers.get("Authorization", "")
    scheme, _, token = header.partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    return query["access_token"][-1] if "access_token" in query else None


# Half of a pair that stands for one character.
_HALVES = re.compile(rb"\\u[dD][89a-fA-F]")


def _parsed(raw: bytes) -> tuple[Any, bool]:
    """Give a body as JSON, None for an empty one, and whether it is JSON at all."""
    if not raw.strip():
        return None, True
    try:
        body = json.loads(raw, parse_constant=_no_constant)
        if _HALVES.search(raw):
            json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None, False
    return body, True


def _no_constant(name: str) -> None:
    raise ValueError(name)  # JSON has no NaN and no Infinity


def _refuse_json(raw: bytes) -> None:
    raise _not_json(raw)


def _not_json(raw: bytes) -> ApiError:
    text = raw.decode(errors="replace")[:40]
    return violations([("", f"Invalid JSON payload received. Unexpected token.\n{text}\n^")])


def _kinds(path: str, body: Any) -> tuple[str, ...]:
    """Give the kinds of a batchUpdate's requests."""
    requests = body.get("requests") if path.endswith(":batchUpdate") and isinstance(body, dict) else None
    listed = flattened(requests)
    return tuple(next(iter(request)) for request in listed if request and isinstance(request, dict))


async def _fail(request: web.Request, fault: Fault, kinds: tuple[str, ...]) -> web.StreamResponse:
    """Fail a request as a fault says."""
    if fault.action.isdigit():
        error = failure(int(fault.action), fault.kind, kinds)
        return await Answer(error.code, error.body()).send(request)
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
