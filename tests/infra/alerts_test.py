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


def log_conditions(plan: Plan) -> dict[str, dict[str, Any]]:
    """The condition of each alert on log entries, by the alert's name."""
    return {
        address.split('"')[1]: policy["conditions"][0]["condition_matched_log"][0]
        for address, policy in plan.resources("google_monitoring_alert_policy").items()
        if policy["conditions"][0]["condition_matched_log"]
    }


def alerted(plan: Plan, entries: list[Entry]) -> set[str]:
    """The alerts that these entries trigger."""
    return {
        name
        for name, condition in log_conditions(plan).items()
        for entry in entries
        if parse(condition["filter"])(entry)
    }


def mail_extractors(plan: Plan) -> dict[str, dict[str, str]]:
    """The label extractors of each alert's e-mail."""
    return {name: condition["label_extractors"] or {} for name, condition in log_conditions(plan).items()}


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
    logged.world.run(expect=502)
    assert alerted(plan, logged.entries()) == {"run_failed"}, "a retry is another alert"
    (finished,) = [entry for entry in entries if entry["jsonPayload"]["message"] == "run finished"]
    assert extract(mail_extractors(plan)["run_failed"]["failure"], finished) == "avepoint"


def test_a_wrong_setting(plan: Plan, logged: LoggedWorld) -> None:
    """A run that can't start triggers one alert, as does a scheduled check, but doesn't count as a run."""
    logged.world.configure(TENANT_TYPES="office")
    logged.world.run(expect=500)
    entries = logged.entries()
    assert alerted(plan, entries) == {"misconfigured"}
    assert metric_values(plan, entries)["runs"] == []
    assert logged.world.function.get("/health?fresh=29h").status_code == 500
    assert alerted(plan, [*logged.entries(), attempt("seat-report-watch", 500)]) == {"misconfigured"}


def test_a_fault_that_only_a_run_or_a_deep_check_finds(plan: Plan, logged: LoggedWorld) -> None:
    """A wrong client secret triggers one alert, whoever finds it."""
    logged.world.configure(AVEPOINT_CLIENT_SECRET="wrong")
    logged.world.run(expect=500)
    entries = logged.entries()
    assert alerted(plan, entries) == {"misconfigured"}
    assert metric_values(plan, entries)["runs"] == ["failed"]
    assert logged.world.function.get("/health?deep=1").status_code == 500
    assert alerted(plan, [*logged.entries(), attempt("seat-report-watch", 500)]) == {"misconfigured"}


def test_mails_of_one_failure(plan: Plan) -> None:
    """The retries of a failed run don't send another e-mail, nor does a wrong setting on the same day."""
    policies = plan.resources("google_monitoring_alert_policy")
    periods = {
        name: int(policies[f'alert["{name}"]']["alert_strategy"][0]["notification_rate_limit"][0]["period"][:-1])
        for name in log_conditions(plan)
    }
    job = plan.resources("google_cloud_scheduler_job")["report"]
    attempts = job["retry_config"][0]["retry_count"] + 1
    assert attempts == 5
    # Pauses of 5, 10, 20 and 40 minutes.
    assert periods["run_failed"] >= attempts * int(job["attempt_deadline"][:-1]) + 75 * 60
    assert periods["misconfigured"] >= timedelta(days=1).total_seconds()


def test_nothing_calls(plan: Plan) -> None:
    """An alert watches that requests come in at all, of all revisions and answers together."""
    (policy,) = [
        policy for name, policy in plan.resources("google_monitoring_alert_policy").items() if name == "silent"
    ]
    condition = policy["conditions"][0]["condition_absent"][0]
    assert policy["enabled"]
    assert condition["duration"] == "10800s"
    assert 'metric.type="run.googleapis.com/request_count"' in condition["filter"]
    assert 'resource.labels.service_name="seat-report"' in condition["filter"]
    (aggregation,) = condition["aggregations"]
    assert aggregation["cross_series_reducer"] == "REDUCE_SUM"
    assert not aggregation["group_by_fields"]


def test_alerts_do_not_flood_the_mailbox(plan: Plan) -> None:
    """No alert has a label with a different text each time, which would send an e-mail for every log line."""
    fields = {extractor for extractors in mail_extractors(plan).values() for extractor in extractors.values()}
    assert fields == {"EXTRACT(jsonPayload.failure)", "EXTRACT(jsonPayload.debugInfo)"}


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
    assert alerted(plan, logged.entries()) == {"crashed"}


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
        ("seat-report-watch", 500, set()),
        ("seat-report-watch", 503, {"no_good_run"}),
        ("seat-report-watch", None, {"no_good_run"}),
        ("seat-report-request", 503, set()),
        ("another", 503, set()),
    ],
)
def test_scheduler_log_entries(plan: Plan, job: str, status: int | None, alerts: set[str]) -> None:
    """A check that finds no good run or is refused triggers an alert; a failed run does so by its own log entry.

    So do a wrong setting and a crash, for which a check answers 500.
    """
    assert alerted(plan, [attempt(job, status)]) == alerts


def test_the_scheduled_check(plan: Plan, logged: LoggedWorld) -> None:
    """The watch job's check fails until there is a good run, and then succeeds."""
    jobs = plan.resources("google_cloud_scheduler_job")
    assert "29h" in jobs["watch"]["description"]
    assert logged.world.function.get("/health?fresh=29h").status_code == 503
    logged.world.run()
    assert logged.world.function.get("/health?fresh=29h").status_code == 200
    # As long as the retries of tomorrow's run may take: 24 hours later, five attempts of 30 minutes and their pauses.
    logged.world.clock.moment += timedelta(hours=24, minutes=225)
    assert logged.world.function.get("/health?fresh=29h").status_code == 200
