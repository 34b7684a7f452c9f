"""Metrics and alerts match the right log entries, tested with lines that real runs print."""

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
    """The alerts that these entries trigger."""
    return {
        address.split('"')[1]
        for address, policy in plan.resources("google_monitoring_alert_policy").items()
        for condition in policy["conditions"]
        for entry in entries
        if parse(condition["condition_matched_log"][0]["filter"])(entry)
    }


def mail_extractors(plan: Plan) -> dict[str, dict[str, str]]:
    """The label extractors of each alert's e-mail."""
    return {
        address.split('"')[1]: policy["conditions"][0]["condition_matched_log"][0]["label_extractors"] or {}
        for address, policy in plan.resources("google_monitoring_alert_policy").items()
    }


def metric_values(plan: Plan, entries: list[Entry]) -> dict[str, list[object]]:
    """The values that each metric extracts from these entries; the outcome label where a metric only counts."""
    values = {}
    for metric in plan.resources("google_logging_metric").values():
        extractor = metric["value_extractor"] or metric["label_extractors"]["outcome"]
        matching = [entry for entry in entries if parse(metric["filter"])(entry)]
        values[metric["name"].removeprefix("seat-report/")] = [extract(extractor, entry) for entry in matching]
    return values


class LoggedWorld:
    """A world whose log entries are read."""

    def __init__(self, world: World, capsys: pytest.CaptureFixture[str]) -> None:
        self.world = world
        self._capsys = capsys

    def entries(self) -> list[Entry]:
        """The entries logged since the last call."""
        return printed(self._capsys.readouterr().out)


@pytest.fixture
def logged(world: World, capsys: pytest.CaptureFixture[str]) -> LoggedWorld:
    """A world with all customers listed and nothing logged yet."""
    world.list_customers()
    capsys.readouterr()
    return LoggedWorld(world, capsys)


def test_a_good_run(plan: Plan, logged: LoggedWorld) -> None:
    """A good run triggers no alert, and each metric extracts its value."""
    answer = logged.world.run()
    entries = logged.entries()
    assert alerted(plan, entries) == set()
    values = metric_values(plan, entries)
    assert values.pop("runs") == ["ok"]
    assert values.pop("answered") == [answer["customers"]["queried"]]
    assert values.pop("failed") == [0]
    assert values.pop("seconds") == [answer["duration_seconds"]]
    assert values.pop("requests") == [answer["avepoint"]["requests"]]
    assert values.pop("retries") == [answer["avepoint"]["retries"]]
    assert values.pop("throttled") == [0]
    assert values == {f"assigned_{kind}": [answer["seats"][kind.replace("_", "-")]["assigned"]] for kind in TYPES}


@pytest.mark.parametrize("parameters", [{"dry_run": True}, {"tenant_type": "google"}])
def test_a_preview_and_a_limited_run(plan: Plan, logged: LoggedWorld, parameters: dict[str, Any]) -> None:
    """A dry run or a run for some types is counted, but its other values are ignored because they would mislead."""
    logged.world.run(**parameters)
    values = metric_values(plan, logged.entries())
    assert values.pop("runs") == ["ok"]
    assert all(extracted == [] for extracted in values.values())


def test_runs_that_are_not_ok(plan: Plan, logged: LoggedWorld) -> None:
    """One partial run triggers no alert, the second in a row does; neither counts as the seats of all customers."""
    unreachable = logged.world.avepoint.directory.customers[0]
    logged.world.avepoint.faults.add(Fault(kind="status", status=403, customer_id=unreachable.id))
    logged.world.run()
    first = logged.entries()
    assert alerted(plan, first) == set()
    values = metric_values(plan, first)
    assert (values["runs"], values["failed"], values["assigned_google"]) == (["partial"], [1], [])
    logged.world.run()
    assert alerted(plan, logged.entries()) == {"not_ok_in_a_row"}


def test_a_failed_run(plan: Plan, logged: LoggedWorld) -> None:
    """A failed run triggers an alert, whose e-mail says what kind of failure it was."""
    logged.world.avepoint.faults.add(Fault(kind="status", status=403))
    logged.world.run(expect=502)
    entries = logged.entries()
    assert alerted(plan, entries) == {"run_failed"}
    assert metric_values(plan, entries)["runs"] == ["failed"]
    (finished,) = [entry for entry in entries if entry["jsonPayload"]["message"] == "run finished"]
    assert extract(mail_extractors(plan)["run_failed"]["failure"], finished) == "avepoint"


def test_a_wrong_setting(plan: Plan, logged: LoggedWorld) -> None:
    """A run that can't start triggers an alert, but doesn't count as a run."""
    logged.world.configure(TENANT_TYPES="office")
    logged.world.run(expect=500)
    entries = logged.entries()
    assert alerted(plan, entries) == {"run_failed"}
    assert metric_values(plan, entries)["runs"] == []


def test_alerts_do_not_flood_the_mailbox(plan: Plan) -> None:
    """No alert has a label with a different text each time, which would send an e-mail for every log line."""
    fields = {extractor for extractors in mail_extractors(plan).values() for extractor in extractors.values()}
    assert fields == {"EXTRACT(jsonPayload.failure)", "EXTRACT(jsonPayload.outcome)", "EXTRACT(jsonPayload.debugInfo)"}


@pytest.mark.parametrize(("days", "alerts"), [(45, set()), (10, {"credential_ends"}), (-1, {"credential_ends"})])
def test_an_expiring_credential(plan: Plan, logged: LoggedWorld, days: int, alerts: set[str]) -> None:
    """An expiring credential triggers an alert 30 days before, and after it has expired."""
    end = logged.world.clock.now().date() + timedelta(days=days)
    logged.world.configure(AVEPOINT_CREDENTIAL_EXPIRES=end.isoformat())
    logged.world.run()
    assert alerted(plan, logged.entries()) == alerts


def test_an_unexpected_error(plan: Plan, logged: LoggedWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unexpected error counts as a crash."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(MonitoredRun, "__init__", broken)
    logged.world.run(expect=500)
    assert "crashed" in alerted(plan, logged.entries())


def test_platform_log_entries(plan: Plan) -> None:
    """An instance out of memory counts as a crash; a starting one or another service's log does not."""
    assert alerted(plan, [out_of_memory()]) == {"crashed"}
    assert alerted(plan, [instance_started()]) == set()
    other_service = out_of_memory()
    other_service["resource"]["labels"]["service_name"] = "another"
    assert alerted(plan, [other_service]) == set()


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
def test_scheduler_log_entries(plan: Plan, job: str, status: int, alerts: set[str]) -> None:
    """A check that finds no good run or is refused triggers an alert; a failed run does so by its own log entry."""
    assert alerted(plan, [attempt(job, status)]) == alerts


def test_the_scheduled_check(plan: Plan, logged: LoggedWorld) -> None:
    """The watch job's check fails until there is a good run, and then succeeds."""
    jobs = plan.resources("google_cloud_scheduler_job")
    description = jobs["watch"]["description"]
    assert "26h" in description
    assert logged.world.function.get("/health?fresh=26h").status_code == 503
    logged.world.run()
    assert logged.world.function.get("/health?fresh=26h").status_code == 200
