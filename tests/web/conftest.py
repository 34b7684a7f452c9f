"""The function as browsers and other clients reach it, over a port of this machine."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import functions_framework
import pytest
from werkzeug.serving import make_server

from tests.web.browser import NAMES, Browser, browsing, executable
from tests.web.hold import Hold, held
from tests.world import SOURCE, World

Holding = Callable[[int], AbstractContextManager[Hold]]


@pytest.fixture
def holding(world: World, monkeypatch: pytest.MonkeyPatch) -> Holding:
    """Holds a run at the customer in a position, until it is let go."""
    return lambda position: held(world, monkeypatch, position)


@pytest.fixture
def site(world: World) -> Iterator[str]:
    """The address of the deployed source, in a fresh instance."""
    assert world
    app = functions_framework.create_app("seat_report", str(SOURCE))  # type: ignore[no-untyped-call] # untyped library
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A headless Chromium for all tests of a module."""
    if executable() is None:
        pytest.skip(f"there is no browser on this machine (looked for {', '.join(NAMES)}; Debian's package: chromium)")
    with browsing(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
def browser(chromium: Browser) -> Browser:
    """The browser, with nothing noted yet."""
    chromium.look()
    chromium.requested.clear()
    chromium.console.clear()
    return chromium
