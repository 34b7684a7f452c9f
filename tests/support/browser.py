"""A real browser, controlled over the DevTools protocol's pipe: no driver to install, no port to choose."""

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

EXECUTABLE_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# The file descriptors of the protocol's pipe (Chromium's switch --remote-debugging-pipe).
_BROWSER_READ_FD, _BROWSER_WRITE_FD = 3, 4
_MIN_FD = 10
_TIMEOUT_SECONDS = 60
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
# A promise that is resolved as soon as the expression is true, checked on every frame.
_WAIT_UNTIL = (
    "new Promise(resolve => {{ const check = () => ({0}) ? resolve(true) : requestAnimationFrame(check); check(); }})"
)


def executable() -> str | None:
    """The path of a Chromium on this machine, None if there is none."""
    return next((path for name in EXECUTABLE_NAMES if (path := shutil.which(name))), None)


class Browser:
    """One tab of a headless Chromium."""

    def __init__(self, read_fd: int, write_fd: int) -> None:
        self._from_browser = os.fdopen(read_fd, "rb")
        self._to_browser = os.fdopen(write_fd, "wb")
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
            message = self._next_message()
            if message.get("id") == number:
                assert "error" not in message, f"{method}: {message['error']}"
                result: dict[str, Any] = message["result"]
                return result

    def open(self, address: str) -> None:
        """Open an address and wait until its page has loaded."""
        self._do_and_wait("Page.navigate", "Page.loadEventFired", {"url": address})

    def click(self, selector: str, until: str = "Page.loadEventFired") -> None:
        """Click an element and wait for the event, by default until the next page has loaded."""
        expression = f"document.querySelector({json.dumps(selector)}).click()"
        self._do_and_wait("Runtime.evaluate", until, {"expression": expression, "userGesture": True})

    def click_until_navigation(self, selector: str) -> None:
        """Click an element and wait only until the next page begins to load."""
        self.click(selector, until="Page.frameNavigated")

    def press_key(self, key: str, code: int) -> None:
        """Press a key."""
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)

    def value(self, expression: str) -> Any:
        """The value of an expression in the page."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def wait_until(self, expression: str) -> None:
        """Wait until the expression is true in the page."""
        self.value(_WAIT_UNTIL.format(expression))

    def text(self, selector: str = "body") -> str:
        """The visible text of an element."""
        return str(self.value(f"document.querySelector({json.dumps(selector)}).innerText"))

    def emulate(self, *, dark: bool = False, width: int | None = None) -> None:
        """Emulate a colour scheme and a screen of this width."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        if width:
            self.call("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=2, mobile=True)
        else:
            self.call("Emulation.clearDeviceMetricsOverride")

    def screenshot(self, path: Path) -> None:
        """Save a screenshot of the full page."""
        capture = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(capture["data"]))

    def close(self) -> None:
        """Close the browser."""
        self._session = None
        self._send("Browser.close", {})
        while self._read():
            pass
        self._to_browser.close()
        self._from_browser.close()

    def _do_and_wait(self, method: str, until: str, parameters: Mapping[str, Any]) -> None:
        number = self._send(method, parameters)
        awaited = {"result", until}
        while awaited:
            message = self._next_message()
            if message.get("id") == number:
                assert "error" not in message, message
                awaited.discard("result")
            awaited.discard(message.get("method", ""))

    def _send(self, method: str, parameters: Mapping[str, Any]) -> int:
        number = next(self._numbers)
        message: dict[str, Any] = {"id": number, "method": method, "params": dict(parameters)}
        if self._session:
            message["sessionId"] = self._session
        self._to_browser.write(json.dumps(message).encode() + b"\0")
        self._to_browser.flush()
        return number

    def _read(self) -> bytes:
        ready, _, _ = select.select([self._from_browser], [], [], _TIMEOUT_SECONDS)
        assert ready, "the browser does not respond"
        return os.read(self._from_browser.fileno(), 65536)

    def _next_message(self) -> dict[str, Any]:
        while b"\0" not in self._pending:
            data = self._read()
            assert data, "the browser has exited"
            self._pending += data
        text, self._pending = self._pending.split(b"\0", 1)
        message: dict[str, Any] = json.loads(text)
        if message.get("method") == "Network.requestWillBeSent":
            self.requested.append(message["params"]["request"]["url"])
        if message.get("method") == "Log.entryAdded":
            self.console.append(message["params"]["entry"]["text"])
        return message


@contextmanager
def running_browser(profile: Path) -> Iterator[Browser]:
    """A browser with an empty profile in this folder."""
    path = executable()
    assert path
    browser_read_fd, our_write_fd = os.pipe()
    our_read_fd, browser_write_fd = os.pipe()
    # Move them above the numbers that they get in the browser.
    moved_fds = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _MIN_FD) for fd in (browser_read_fd, browser_write_fd)]
    null = os.open(os.devnull, os.O_RDWR)
    process = os.posix_spawn(
        path,
        [path, *_SWITCHES, f"--user-data-dir={profile}"],
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_DUP2, null, 1),
            (os.POSIX_SPAWN_DUP2, null, 2),
            (os.POSIX_SPAWN_DUP2, moved_fds[0], _BROWSER_READ_FD),
            (os.POSIX_SPAWN_DUP2, moved_fds[1], _BROWSER_WRITE_FD),
        ],
        setpgroup=0,
    )
    for fd in (browser_read_fd, browser_write_fd, null, *moved_fds):
        os.close(fd)
    try:
        browser = Browser(our_read_fd, our_write_fd)
        try:
            yield browser
        finally:
            browser.close()
    finally:
        os.killpg(process, signal.SIGKILL)
        os.waitpid(process, 0)
