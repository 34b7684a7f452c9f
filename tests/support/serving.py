"""Serves the function as the platform does, by functions-framework and gunicorn, in a separate process."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import requests

# Long, as a machine busy with other tests starts it slowly; a process that ends early is noticed at once.
_START_TIMEOUT_SECONDS = 180


@contextmanager
def served(
    folder: Path,
    environment: Mapping[str, str],
    *,
    log: int | IO[bytes],
    source: str = "main.py",
    python: Path = Path(sys.executable),
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Serve the source in this folder, with its output to `log` (as for `subprocess`); yields its URL and process."""
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
    """A reserved port of this machine: the system assigns it to nobody else, but a given process may listen on it."""
    with socket.socket() as placeholder:
        # Two sockets that both set this option may share a port as long as only one of them listens.
        placeholder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        placeholder.bind(("127.0.0.1", 0))
        yield placeholder.getsockname()[1]


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_SECONDS
    while True:
        try:
            requests.get(f"{url}/health", timeout=5).raise_for_status()
        except requests.RequestException as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the function did not start at {url}: {error}") from error
            time.sleep(0.05)
        else:
            return
