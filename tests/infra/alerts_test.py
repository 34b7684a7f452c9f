"""Metrics and alerts take from the log what they are meant to: tested against lines that real runs print."""

from datetime import timedelta
from typing import Any

import pytest

from seat_report.monitored_run import MonitoredRun
from tests.emulators.avepoint.faults import Fault
from tests.infra.entries import Entry, attempt, instance_started, out_of_memory, printed
from tests.infra.logging_query import extract, parse
from tests.infra.terraform import Plan
from tests.support.world import World

TYPES = ("microsoft_365", "salesforce", "google", "dynamics_365")


def alerted(plan: Plan, entries: list[Entry]) -> set[str]:
    """The alerts that these entries raise."""
    return {
        address.split('"')[1]
        for address, policy in plan.resources("google_monitoring_alert_policy").items()
        for condition in policy["conditions"]
        for entry in entries
        if parse(condition["condition_matched_log"][0]["filter"])(entry)
    }


def mailed(plan: Plan) -> dict[str, dict[str, str]]:
    """The extractors of what an alert's mail tells, by the alert."""
    return {
        address.split('"')[1]: policy["conditions"][0]["condition_matched_log"][0]["label_extractors"] or {}
        for address, policy in plan.resources("google_monitoring_alert_policy").items()
    }


def metered(plan: Plan, entries: list[Entry]) -> dict[str, list[object]]:
    """The values that each metric takes from these entries; the outcome's label where a metric only counts."""
    found = {}
    for metric in plan.resources("google_logging_metric").values():
        extractor = metric["value_extractor"] or metric["label_extractors"]["outcome"]
        counted = [entry for entry in entries if parse(metric["filter"])(entry)]
        found[metric["name"].removeprefix("seat-report/")] = [extract(extractor, entry) for entry in counted]
    return found


class Watched:
    """A world whose log is read."""

    def __init__(self, world: World, capsys: pytest.CaptureFixture[str]) -> None:
        self.world = world
        self._capsys = capsys

    def entries(self) -> list[Entry]:
        """What was logged since the last time."""
        return printed(self._capsys.readouterr().out)


@pytest.fixture
def watched(world: World, capsys: pytest.CaptureFixture[str]) -> Watched:
    """A world with all customers listed, nothing logged yet."""
    world.list_customers()
    capsys.readouterr()
    return Watched(world, capsys)


def test_a_good_run(plan: Plan, watched: Watched) -> None:
    """A good run raises no alert, and each metric takes its figure."""
    answer = watched.world.run()
    entries = watched.entries()
    assert alerted(plan, entries) == set()
    taken = metered(plan, entries)
    assert taken.pop("runs") == ["ok"]
    assert taken.pop("answered") == [answer["customers"]["queried"]]
    assert taken.pop("failed") == [0]
    assert taken.pop("seconds") == [answer["duration_seconds"]]
    assert taken.pop("requests") == [answer["avepoint"]["requests"]]
    assert taken.pop("retries") == [answer["avepoint"]["retries"]]
    assert taken.pop("throttled") == [0]
    assert taken == {f"assigned_{kind}": [answer["seats"][kind.replace("_", "-")]["assigned"]] for kind in TYPES}


@pytest.mark.parametrize("limits", [{"dry_run": True}, {"tenant_type": "google"}])
def test_a_run_that_is_not_the_whole(plan: Plan, watched: Watched, limits: dict[str, Any]) -> None:
    """A dry run, or one for some types alone, is counted, but its figures would mislead."""
    watched.world.run(**limits)
    taken = metered(plan, watched.entries())
    assert taken.pop("runs") == ["ok"]
    assert all(values == [] for values in taken.values())


def test_runs_that_are_not_ok(plan: Plan, watched: Watched) -> None:
    """One partial run alerts nobody, the second in a row does; neither counts as everybody's seats."""
    hidden = watched.world.avepoint.directory.customers[0]
    watched.world.avepoint.faults.add(Fault(kind="status", status=403, customer_id=hidden.id))
    watched.world.run()
    first = watched.entries()
    assert alerted(plan, first) == set()
    taken = metered(plan, first)
    assert (taken["runs"], taken["failed"], taken["assigned_google"]) == (["partial"], [1], [])
    watched.world.run()
    assert alerted(plan, watched.entries()) == {"not_ok_in_a_row"}


def test_a_failed_run(plan: Plan, watched: Watched) -> None:
    """A run that failed alerts, and the mail says what kind of failure it was."""
    watched.world.avepoint.faults.add(Fault(kind="status", status=403))
    watched.world.run(expect=502)
    entries = watched.entries()
    assert alerted(plan, entries) == {"run_failed"}
    assert metered(plan, entries)["runs"] == ["failed"]
    (finished,) = [entry for entry in entries if entry["jsonPayload"]["message"] == "run finished"]
    assert extract(mailed(plan)["run_failed"]["failure"], finished) == "avepoint"


def test_a_wrong_setting(plan: Plan, watched: Watched) -> None:
    """A run that can't even begin alerts, though it never counts as a run."""
    watched.world.configure(TENANT_TYPES="office")
    watched.world.run(expect=500)
    entries = watched.entries()
    assert alerted(plan, entries) == {"run_failed"}
    assert metered(plan, entries)["runs"] == []


def test_mails_are_not_a_flood(plan: Plan) -> None:
    """No alert tells cases apart by what is another text each time, which would make a mail of each log line."""
    fields = {extractor for extractors in mailed(plan).values() for extractor in extractors.values()}
    assert fields == {"EXTRACT(jsonPayload.failure)", "EXTRACT(jsonPayload.outcome)", "EXTRACT(jsonPayload.debugInfo)"}


@pytest.mark.parametrize(("days", "alerts"), [(45, set()), (10, {"credential_ends"}), (-1, {"credential_ends"})])
def test_a_credential_that_ends(plan: Plan, watched: Watched, days: int, alerts: set[str]) -> None:
    """The credential's end is told 30 days ahead, and after it."""
    end = watched.world.clock.now().date() + timedelta(days=days)
    watched.world.configure(AVEPOINT_CREDENTIAL_EXPIRES=end.isoformat())
    watched.world.run()
    assert alerted(plan, watched.entries()) == alerts


def test_an_unexpected_error(plan: Plan, watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that nobody expected counts as a crash."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(MonitoredRun, "__init__", broken)
    watched.world.run(expect=500)
    assert "crashed" in alerted(plan, watched.entries())


def test_what_the_platform_says(plan: Plan) -> None:
    """An instance out of memory counts as a crash; starting one, or another service's log, does not."""
    assert alerted(plan, [out_of_memory()]) == {"crashed"}
    assert alerted(plan, [instance_started()]) == set()
    elsewhere = out_of_memory()
    elsewhere["resource"]["labels"]["service_name"] = "another"
    assert alerted(plan, [elsewhere]) == set()


@pytest.mark.parametrize(
    ("job", "status", "alerts"),
    [
        ("seat-report", 200, set()),
        ("seat-report", 502, set()),
        ("seat-report-watch", 200, set()),
        ("seat-report-watch", 403, {"no_good_run"}),
        ("seat-report-watch", 503, {"no_good_run"}),
        ("another", 503, set()),
    ],
)
def test_what_the_scheduler_says(plan: Plan, job: str, status: int, alerts: set[str]) -> None:
    """A check that found no good run, or was refused, alerts; of a failed run, its own log line alerts."""
    assert alerted(plan, [attempt(job, status)]) == alerts


def test_the_check_that_the_scheduler_makes(plan: Plan, watched: Watched) -> None:
    """The watch job's address fails until there was a good run, then not, and not for other reasons."""
    jobs = plan.resources("google_cloud_scheduler_job")
    description = jobs["watch"]["description"]
    assert "26h" in description
    assert watched.world.function.get("/health?fresh=26h").status_code == 503
    watched.world.run()
    assert watched.world.function.get("/health?fresh=26h").status_code == 200
