"""Requests while a run is under way: refused, and the scheduler learns whether its work is being done."""

import threading
from typing import Any

import pytest
from flask.testing import FlaskClient

from seat_report.web.background import BackgroundRun
from tests.support.hold import Holding
from tests.support.world import World
from tests.web.app_test import BROWSER, SCHEDULER


class Call:
    """A request in a background thread."""

    def __init__(self, client: FlaskClient, **arguments: Any) -> None:
        self.response: Any = None
        self._client, self._arguments = client, arguments
        self._thread = threading.Thread(target=self._call)
        self._thread.start()

    def _call(self) -> None:
        self.response = self._client.post("/", **self._arguments)

    def wait(self) -> Any:
        """Wait for the response and return it."""
        self._thread.join()
        return self.response


def test_run_under_way(world: World, holding: Holding) -> None:
    """A second run is refused with 409, also as a page; the scheduler gets 202, since its work is being done."""
    world.list_customers()
    with holding(0) as hold:
        first = Call(world.function)
        hold.wait()
        refused = world.function.post("/")
        page = world.function.post("/", headers=BROWSER)
        form = world.function.post("/", data={"format": "html"})
        scheduled = world.function.post("/", headers=SCHEDULER)
        health = world.function.get("/health")
        opened = world.function.get("/", headers=BROWSER).text
        hold.release()
        assert first.wait().status_code == 200
    result = first.wait().get_json()
    detail = refused.get_json()["detail"]
    assert f"(manual, started {result['started_at'][:16].replace('T', ' ')} UTC, run {result['run_id']})" in detail
    assert "A run is in progress" in opened
    assert f"run {result['run_id']}" in opened
    assert (refused.status_code, refused.content_type) == (409, "application/problem+json")
    assert "Wait" in refused.get_json()["detail"]
    assert (page.status_code, page.mimetype) == (form.status_code, form.mimetype) == (409, "text/html")
    assert (scheduled.status_code, scheduled.get_json()) == (202, {"outcome": "under way"})
    assert health.status_code == 200
    assert world.run()["outcome"] == "ok"


@pytest.mark.parametrize("limit", [{"dry_run": True}, {"tenant_type": "google"}, {"customer_id": "listed"}])
def test_the_scheduler_comes_again_after_a_run_that_does_not_do_its_work(
    world: World, holding: Holding, limit: dict[str, Any]
) -> None:
    """While a preview or a limited run is under way, the scheduler gets an error, other callers a conflict."""
    world.list_customers()
    first_id = world.avepoint.directory.customers[0].id
    with holding(0) as hold:
        first = Call(world.function, json={**limit, **({"customer_id": first_id} if "customer_id" in limit else {})})
        hold.wait()
        scheduled = world.function.post("/", headers=SCHEDULER)
        by_hand = world.function.post("/")
        hold.release()
        assert first.wait().status_code == 200
    assert (scheduled.status_code, by_hand.status_code) == (503, 409)
    assert scheduled.content_type == "application/problem+json"
    assert (scheduled.get_json()["status"], scheduled.get_json()["title"]) == (503, "A run is in progress")
    assert world.function.post("/", headers=SCHEDULER).get_json()["outcome"] == "ok"


def test_run_under_way_in_another_instance(world: World, holding: Holding) -> None:
    """A run that only the Runs tab shows may be dead, so the scheduler comes again; people read what it is."""
    world.list_customers()
    with holding(0) as hold:
        first = Call(world.function, headers=SCHEDULER)
        hold.wait()
        other = world.deploy()
        responses = [other.post("/", headers=headers) for headers in ({}, BROWSER, SCHEDULER)]
        hold.release()
        first.wait()
    assert [response.status_code for response in responses] == [409, 409, 503]
    assert [response.headers.get("Retry-After") for response in (responses[0], responses[2])] == ["545", "545"]
    detail = responses[0].get_json()["detail"]
    assert f"Another run (schedule, {SCHEDULER['X-CloudScheduler-JobName']}, started " in detail
    assert f"run {world.rows('Runs')[0]['Run ID']}) is in progress" in detail
    assert "10 min at the latest" in responses[0].text


def test_the_scheduler_comes_again_after_a_run_that_is_refused(
    world: World, holding: Holding, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that has begun but is then kept out by another instance's does not do the scheduler's work."""
    world.list_customers()
    waiting, reading, wait_until_admitted = threading.Event(), threading.Event(), BackgroundRun.wait_until_admitted

    def note_and_wait(run: BackgroundRun) -> bool:
        waiting.set()
        return wait_until_admitted(run)

    def pause(_: object) -> None:
        world.sheets.before_request = None
        reading.set()
        assert waiting.wait(60)

    monkeypatch.setattr(BackgroundRun, "wait_until_admitted", note_and_wait)
    with holding(0) as hold:
        elsewhere = Call(world.deploy())
        hold.wait()
        world.sheets.before_request = pause
        first = Call(world.function)
        assert reading.wait(60)
        scheduled = world.function.post("/", headers=SCHEDULER)
        assert (first.wait().status_code, scheduled.status_code) == (409, 503)
        hold.release()
        elsewhere.wait()
