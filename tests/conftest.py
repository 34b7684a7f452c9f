"""Fixtures that several test packages share, and the settings of Hypothesis."""

import threading
from collections.abc import Iterator

import functions_framework
import hypothesis
import pytest
from werkzeug.serving import make_server

from tests.proof.sampling import IS_COMPLETE, many
from tests.proof.stage import Stage, staged
from tests.support.browser import EXECUTABLE_NAMES, Browser, executable, running_browser
from tests.support.hold import Holding, held
from tests.support.log_lines import restored_logging
from tests.support.world import SOURCE, World
from tests.support.world import world as create_world

# A busy machine is no failure, and a change should not fail by chance on old defects. In the complete run, chance is
# welcome.
hypothesis.settings.register_profile(
    "seat-report", max_examples=many(15, 200), deadline=None, derandomize=not IS_COMPLETE, print_blob=True
)
hypothesis.settings.load_profile("seat-report")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A spreadsheet, an AvePoint with its sample customers, the deployed function, and a person."""
    with create_world(monkeypatch) as created:
        yield created


@pytest.fixture
def holding(world: World, monkeypatch: pytest.MonkeyPatch) -> Holding:
    """Pauses a run at the customer in a position until it is released."""
    return lambda position: held(world, monkeypatch, position)


@pytest.fixture
def restore_logging() -> Iterator[None]:
    """Leaves the logging of the process as it was, for tests that configure it."""
    with restored_logging():
        yield


@pytest.fixture
def site(world: World) -> Iterator[str]:
    """The address of the deployed source, in a new instance."""
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
        candidates = ", ".join(EXECUTABLE_NAMES)
        pytest.skip(f"there is no browser on this machine (looked for {candidates}; Debian's package: chromium)")
    with running_browser(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
def browser(chromium: Browser) -> Browser:
    """The browser, with nothing recorded yet."""
    chromium.emulate()
    chromium.requested.clear()
    chromium.console.clear()
    return chromium


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """One stage for all tests of a module, each of which prepares the situation that it needs."""
    with staged() as created:
        yield created
