"""The function served as the platform does it, by functions-framework and gunicorn, in a process of its own."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import requests

# Long, as a machine that is busy with other tests starts it slowly; one that can't start is noticed at once.
_START_SECONDS = 180


@contextmanager
def served(
    folder: Path,
    environment: Mapping[str, str],
    *,
    log: int | IO[bytes],
    source: str = "main.py",
    python: Path = Path(sys.executable),
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Serve the source in this folder, writing to `log` as `subprocess` takes it; gives its address and process."""
    command = [str(python.with_name("functions-framework")), "--source", source, "--target", "seat_report"]
    with kept_port() as port:
        command += ["--host", "127.0.0.1", "--port", str(port)]
        with subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT) as process:
            try:
                url = f"http://127.0.0.1:{port}"
                _wait_for(url, process)
                yield url, process
            finally:
                process.terminate()
                process.communicate()


@contextmanager
def kept_port() -> Iterator[int]:
    """A port of this machine that no one else is given meanwhile, though who knows of it may listen there."""
    with socket.socket() as keeping:
        # Two sockets that both say so may have one port, as long as just one of them listens.
        keeping.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        keeping.bind(("127.0.0.1", 0))
        yield keeping.getsockname()[1]


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + _START_SECONDS
    while True:
        try:
            requests.get(f"{url}/health", timeout=5).raise_for_status()
        except requests.RequestException as error:
            if process.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError(f"the function did not start at {url}: {error}") from error
            time.sleep(0.05)
        else:
            return
