"""The service in a thread of the process that tests it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web

from tests.emulators.clock import Clock, SystemClock

from .conduct import Conduct, Fault, Logged
from .http import Hook, Service
from .store import Store

HOST = "127.0.0.1"


class Handle:
    """A running service: where it is, what it was asked, and how it behaves."""

    def __init__(self, service: Service, port: int) -> None:
        self._service = service
        self.host = f"{HOST}:{port}"
        self.url = f"http://{self.host}"

    @property
    def requests(self) -> list[Logged]:
        """The log of requests, which may be cleared."""
        return self._service.requests

    @property
    def conduct(self) -> Conduct:
        """How the service treats its clients: latency, quota, refusals, faults."""
        return self._service.conduct

    @property
    def store(self) -> Store:
        """The spreadsheets."""
        return self._service.store

    @property
    def before_request(self) -> Hook | None:
        """Called in a thread before each request is carried out, except for the requests that it makes itself."""
        return self._service.before_request

    @before_request.setter
    def before_request(self, hook: Hook | None) -> None:
        self._service.before_request = hook

    def fail(self, action: int | str, **options: Any) -> Fault:
        """Let a coming request fail; the options are those of `Fault`."""
        fault = Fault(str(action), **options)
        self.conduct.faults.append(fault)
        return fault


async def start(service: Service, port: int) -> tuple[web.AppRunner, int]:
    """Start serving on a port, 0 for a free one; give the runner, to be cleaned up, and the port."""
    runner = web.AppRunner(service.application(), access_log=None, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, HOST, port)
    await site.start()
    return runner, int(runner.addresses[0][1])


@contextmanager
def running(port: int = 0, *, clock: Clock | None = None, **conduct: Any) -> Iterator[Handle]:
    """Serve in a thread while the context lasts, by the machine's time without a `clock`; options as of `Conduct`."""
    service = Service(clock or SystemClock(), Conduct(**conduct))
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="sheets-service", daemon=True)
    thread.start()
    try:
        runner, taken = asyncio.run_coroutine_threadsafe(start(service, port), loop).result(timeout=30)
        try:
            yield Handle(service, taken)
        finally:
            asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(timeout=30)
            asyncio.run_coroutine_threadsafe(loop.shutdown_default_executor(), loop).result(timeout=30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=30)
        loop.close()
