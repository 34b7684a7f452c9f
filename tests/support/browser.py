"""A real browser, driven over the DevTools protocol's pipe: no driver to install, no port to choose."""

import base64
import fcntl
import itertools
import json
import os
import select
import shutil
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Descriptors that the protocol's pipe is expected at (Chromium's switch --remote-debugging-pipe).
_BROWSER_READS, _BROWSER_WRITES = 3, 4
_ABOVE = 10
_PATIENCE_SECONDS = 60
_SWITCHES = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--window-size=1000,900",
)
# A promise that is kept as soon as the expression is true, looked at whenever a frame is drawn.
_UNTIL = "new Promise(kept => {{ const look = () => ({0}) ? kept(true) : requestAnimationFrame(look); look(); }})"


def executable() -> str | None:
    """The path of a Chromium on this machine, if there is one."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Browser:
    """One tab of a headless Chromium."""

    def __init__(self, reads: int, writes: int) -> None:
        self._from_browser = os.fdopen(reads, "rb")
        self._to_browser = os.fdopen(writes, "wb")
        self._numbers = itertools.count(1)
        self._pending = b""
        self._session: str | None = None
        self.requested: list[str] = []
        self.console: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol and return its result."""
        number = self._send(method, parameters)
        while True:
            message = self._next()
            if message.get("id") == number:
                assert "error" not in message, f"{method}: {message['error']}"
                result: dict[str, Any] = message["result"]
                return result

    def open(self, address: str) -> None:
        """Open an address; returns when its page is there, whole."""
        self._act("Page.navigate", "Page.loadEventFired", {"url": address})

    def press(self, selector: str, until: str = "Page.loadEventFired") -> None:
        """Press what is there; returns when the page that comes of it is there, or when `until` has happened."""
        expression = f"document.querySelector({json.dumps(selector)}).click()"
        self._act("Runtime.evaluate", until, {"expression": expression, "userGesture": True})

    def begin(self, selector: str) -> None:
        """Press what is there; returns when the page that comes of it has begun to come."""
        self.press(selector, until="Page.frameNavigated")

    def type_key(self, key: str, code: int) -> None:
        """Strike a key."""
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)

    def value(self, expression: str) -> Any:
        """What an expression amounts to in the page."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def wait_until(self, expression: str) -> None:
        """Return when the expression is true in the page."""
        self.value(_UNTIL.format(expression))

    def text(self, selector: str = "body") -> str:
        """What a person sees there."""
        return str(self.value(f"document.querySelector({json.dumps(selector)}).innerText"))

    def look(self, *, dark: bool = False, width: int | None = None) -> None:
        """See pages in a dark scheme, or on a screen so wide."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        if width:
            self.call("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=2, mobile=True)
        else:
            self.call("Emulation.clearDeviceMetricsOverride")

    def picture(self, path: Path) -> None:
        """Keep a picture of the whole page."""
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def close(self) -> None:
        """End the browser."""
        self._session = None
        self._send("Browser.close", {})
        while self._read():
            pass
        self._to_browser.close()
        self._from_browser.close()

    def _act(self, method: str, until: str, parameters: Mapping[str, Any]) -> None:
        number = self._send(method, parameters)
        waiting = {"answer", until}
        while waiting:
            message = self._next()
            if message.get("id") == number:
                assert "error" not in message, message
                waiting.discard("answer")
            waiting.discard(message.get("method", ""))

    def _send(self, method: str, parameters: Mapping[str, Any]) -> int:
        number = next(self._numbers)
        message: dict[str, Any] = {"id": number, "method": method, "params": dict(parameters)}
        if self._session:
            message["sessionId"] = self._session
        self._to_browser.write(json.dumps(message).encode() + b"\0")
        self._to_browser.flush()
        return number

    def _read(self) -> bytes:
        ready, _, _ = select.select([self._from_browser], [], [], _PATIENCE_SECONDS)
        assert ready, "the browser has nothing to say"
        return os.read(self._from_browser.fileno(), 65536)

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._pending:
            piece = self._read()
            assert piece, "the browser has ended"
            self._pending += piece
        text, self._pending = self._pending.split(b"\0", 1)
        message: dict[str, Any] = json.loads(text)
        if message.get("method") == "Network.requestWillBeSent":
            self.requested.append(message["params"]["request"]["url"])
        if message.get("method") == "Log.entryAdded":
            self.console.append(message["params"]["entry"]["text"])
        return message


@contextmanager
def browsing(profile: Path) -> Iterator[Browser]:
    """A browser with an empty profile in that folder."""
    path = executable()
    assert path
    browser_reads, we_write = os.pipe()
    we_read, browser_writes = os.pipe()
    # Out of the way of the numbers that they get in the browser.
    ends = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, _ABOVE) for end in (browser_reads, browser_writes)]
    null = os.open(os.devnull, os.O_RDWR)
    process = os.posix_spawn(
        path,
        [path, *_SWITCHES, f"--user-data-dir={profile}"],
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_DUP2, null, 1),
            (os.POSIX_SPAWN_DUP2, null, 2),
            (os.POSIX_SPAWN_DUP2, ends[0], _BROWSER_READS),
            (os.POSIX_SPAWN_DUP2, ends[1], _BROWSER_WRITES),
        ],
        setpgroup=0,
    )
    for end in (browser_reads, browser_writes, null, *ends):
        os.close(end)
    try:
        browser = Browser(we_read, we_write)
        try:
            yield browser
        finally:
            browser.close()
    finally:
        os.killpg(process, signal.SIGKILL)
        os.waitpid(process, 0)
