"""Fixtures that tests of several parts share, and how properties are tried."""

import threading
from collections.abc import Iterator

import functions_framework
import hypothesis
import pytest
from werkzeug.serving import make_server

from tests.proof.sampling import IS_COMPLETE
from tests.proof.stage import Stage, staged
from tests.support.browser import NAMES, Browser, browsing, executable
from tests.support.hold import Holding, held
from tests.support.world import SOURCE, World
from tests.support.world import world as made_world

# A busy machine is no failure; and whoever changes something should not meet by chance what others have left. With
# everything tried, chance is welcome.
hypothesis.settings.register_profile("seat-report", deadline=None, derandomize=not IS_COMPLETE, print_blob=True)
hypothesis.settings.load_profile("seat-report")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A spreadsheet, an AvePoint with its sample customers, the deployed function, and a person."""
    with made_world(monkeypatch) as made:
        yield made


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


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """One stage for all tests of a module, which put it into the situation that they need."""
    with staged() as made:
        yield made
