"""`python -m tests.emulators.avepoint`: serves the stand-in until it is interrupted."""

import asyncio
import contextlib
import selectors
import signal
import sys

from tests.emulators.avepoint.core import AvePoint
from tests.emulators.avepoint.flags import parser, service_of
from tests.emulators.avepoint.service import serving


async def _serve(service: AvePoint, port: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    async with serving(service, port) as url:
        sys.stdout.write(f"AvePoint service on {url}\n")
        # A parent that closed our output wants no address, but still the service.
        with contextlib.suppress(BrokenPipeError):
            sys.stdout.flush()
        await stop.wait()


def _punctual_loop() -> asyncio.AbstractEventLoop:
    """An event loop that waits to the microsecond: the usual one rounds waits, and so latencies, up to milliseconds."""
    return asyncio.SelectorEventLoop(selectors.SelectSelector())


def main(arguments: list[str] | None = None) -> None:
    """Read the flags and serve; ends with status 2 and a sentence if a flag, a file or the port is wrong."""
    flags = parser()
    chosen = flags.parse_args(arguments)
    try:
        with asyncio.Runner(loop_factory=_punctual_loop) as runner:
            runner.run(_serve(service_of(chosen), chosen.port))
    except (OSError, OverflowError, ValueError) as error:
        flags.error(str(error))


if __name__ == "__main__":
    main()
