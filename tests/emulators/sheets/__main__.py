"""Serve the local Sheets service: python -m tests.emulators.sheets --port 8090."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys

from tests.emulators.clock import SystemClock

from .conduct import Conduct
from .http import Service
from .service import HOST, start


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.emulators.sheets", description=__doc__)
    parser.add_argument("--port", type=int, default=8090, help="0 takes a free one (default: %(default)s)")
    parser.add_argument("--quota", type=int, nargs=2, metavar=("READS", "WRITES"), help="a minute, for each caller")
    parser.add_argument("--latency", type=float, default=0.0, metavar="SECONDS", help="added to every answer")
    parser.add_argument("--anonymous", action="store_true", help="take requests without a bearer token")
    parser.add_argument("--refuse-token", action="append", default=[], metavar="TOKEN", help="answer 401 to this token")
    parser.add_argument(
        "--forbid",
        action="append",
        default=[],
        metavar="TOKEN_OR_ID",
        help="answer 403 to this token or for this spreadsheet",
    )
    return parser.parse_args()


async def _serve(arguments: argparse.Namespace) -> None:
    conduct = Conduct(
        latency=arguments.latency,
        quota=tuple(arguments.quota) if arguments.quota else None,
        anonymous=arguments.anonymous,
        refused_tokens=set(arguments.refuse_token),
        forbidden=set(arguments.forbid),
    )
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    runner, port = await start(Service(SystemClock(), conduct), arguments.port)
    sys.stdout.write(f"Sheets service on http://{HOST}:{port}\n")
    sys.stdout.flush()
    await stop.wait()
    await runner.cleanup()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    asyncio.run(_serve(_arguments()))
