"""Measuring a piece of work: time, processor time, and bytes on the wire."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch


@dataclass(slots=True)
class Figures:
    """The measurements; bytes are those of HTTP as they pass through the sockets, headers included."""

    seconds: float = 0.0
    processor_seconds: float = 0.0
    sent: int = 0
    received: int = 0


@contextmanager
def measured() -> Iterator[Figures]:
    """Measure what this process does inside the context; the figures are complete when it exits.

    Bytes are counted where Python's `http.client` sends and reads; every client here is built on it.
    """
    figures = Figures()
    sendall, readinto = socket.socket.sendall, socket.SocketIO.readinto

    def counting_sendall(self: socket.socket, data: Any, *flags: int) -> None:
        figures.sent += len(data)
        sendall(self, data, *flags)

    def counting_readinto(self: socket.SocketIO, buffer: Any) -> int | None:
        size = readinto(self, buffer)
        figures.received += size or 0
        return size

    counting = patch.object(socket.socket, "sendall", counting_sendall)
    with counting, patch.object(socket.SocketIO, "readinto", counting_readinto):
        began, processor_began = time.perf_counter(), time.process_time()
        yield figures
        figures.seconds = time.perf_counter() - began
        figures.processor_seconds = time.process_time() - processor_began


def peak_resident_bytes() -> int:
    """The peak resident memory of this process.

    Taken from Linux's /proc (proc_pid_status(5), VmHWM), as `getrusage` would start with the peak of the parent
    process. Raises OSError elsewhere.
    """
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise OSError("there is no VmHWM in /proc/self/status")
