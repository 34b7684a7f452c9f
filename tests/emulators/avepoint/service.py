"""Starts the service inside a test: its own thread, its own event loop, a free port."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterable, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from aiohttp import web

from tests.emulators.avepoint.core import TOKEN_PATH, AvePoint
from tests.emulators.avepoint.data import Customer, Directory
from tests.emulators.avepoint.fault_book import FaultBook
from tests.emulators.avepoint.options import Options
from tests.emulators.avepoint.request_log import RequestLog
from tests.emulators.avepoint.sample_customers import sample_customers
from tests.emulators.avepoint.tokens import AppRegistration, Tokens
from tests.emulators.avepoint.web import application
from tests.emulators.clock import Clock, SystemClock

# What is under way when the service stops has this long to end by itself; a hang wouldn't.
SHUTDOWN_SECONDS = 0.05


@asynccontextmanager
async def serving(service: AvePoint, port: int = 0) -> AsyncIterator[str]:
    """Serve on 127.0.0.1 while this lasts; gives the service's address. Port 0 is a free one."""
    runner = web.AppRunner(
        application(service), handler_cancellation=True, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port, backlog=1024).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@dataclass(frozen=True, slots=True)
class Handle:
    """A running service, for the test that started it; all of it may be used while requests come in."""

    url: str
    service: AvePoint

    @property
    def token_url(self) -> str:
        """The address of the token endpoint."""
        return self.url + TOKEN_PATH

    @property
    def directory(self) -> Directory:
        """The customers and tenants."""
        return self.service.directory

    @property
    def faults(self) -> FaultBook:
        """What goes wrong."""
        return self.service.faults

    @property
    def log(self) -> RequestLog:
        """What was received."""
        return self.service.log

    @property
    def tokens(self) -> Tokens:
        """The tokens that were issued."""
        return self.service.tokens

    @property
    def registration(self) -> AppRegistration:
        """The app registration: client id, secret, certificates, permissions."""
        return self.service.registration

    def configure(self, **changes: object) -> Options:
        """Change fields of the options from now on, and return them."""
        return self.service.configure(**changes)


@contextmanager
def running(
    customers: Iterable[Customer] | None = None,
    *,
    options: Options | None = None,
    registration: AppRegistration | None = None,
    clock: Clock | None = None,
) -> Iterator[Handle]:
    """Run a service on a free port while this lasts; without customers it has the sample ones."""
    service = AvePoint(
        Directory.of(sample_customers() if customers is None else customers),
        clock or SystemClock(),
        options or Options(),
        registration or AppRegistration(),
    )
    started: Future[tuple[str, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def serve() -> None:
        stop = asyncio.Event()
        async with serving(service) as url:
            started.set_result((url, asyncio.get_running_loop(), stop))
            await stop.wait()

    def run() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:
            if started.done():
                raise
            started.set_exception(error)

    thread = threading.Thread(target=run, name="avepoint-service", daemon=True)
    thread.start()
    url, loop, stop = started.result(timeout=30)
    try:
        yield Handle(url, service)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(timeout=30)
