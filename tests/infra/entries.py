"""Log entries as Cloud Logging stores them: lines printed by the function, and the platform's own entries."""

import json
from typing import Any

Entry = dict[str, Any]

_PROJECT = "acme-seat-report"
# Source: Google's "Structured logging": these members of a line become members of the entry.
_SPECIAL_MEMBERS = ("severity", "time", "logging.googleapis.com/trace", "logging.googleapis.com/labels")


def printed(output: str) -> list[Entry]:
    """The entries of the lines that the function printed on standard output."""
    return [_parse_line(line) for line in output.splitlines() if line.strip()]


def _parse_line(line: str) -> Entry:
    payload = json.loads(line)
    special = {name: payload.pop(name) for name in _SPECIAL_MEMBERS if name in payload}
    return {
        "logName": f"projects/{_PROJECT}/logs/run.googleapis.com%2Fstdout",
        "resource": _service(),
        "severity": special.get("severity", "DEFAULT"),
        "jsonPayload": payload,
    }


def out_of_memory() -> Entry:
    """Cloud Run's entry for an instance that ran out of memory."""
    return {
        "logName": f"projects/{_PROJECT}/logs/run.googleapis.com%2Fvarlog%2Fsystem",
        "resource": _service(),
        "severity": "ERROR",
        "textPayload": "Memory limit of 1024 MiB exceeded with 1040 MiB used.",
    }


def instance_started() -> Entry:
    """Cloud Run's entry for a starting instance."""
    text = "Starting new instance. Reason: AUTOSCALING"
    return {**out_of_memory(), "severity": "INFO", "textPayload": text}


def attempt(job: str, status: int | None) -> Entry:
    """Cloud Scheduler's entry for an attempt with this response status; None if no response came in time."""
    succeeded = status is not None and 200 <= status < 300
    return {
        "logName": f"projects/{_PROJECT}/logs/cloudscheduler.googleapis.com%2Fexecutions",
        "resource": {"type": "cloud_scheduler_job", "labels": {"job_id": job, "location": "europe-west1"}},
        "severity": "INFO" if succeeded else "ERROR",
        **({} if status is None else {"httpRequest": {"status": status}}),
        "jsonPayload": {
            "@type": "type.googleapis.com/google.cloud.scheduler.logging.AttemptFinished",
            "debugInfo": f"Original HTTP response code number = {status}",
            "jobName": f"projects/{_PROJECT}/locations/europe-west1/jobs/{job}",
            **({} if succeeded else {"status": "INTERNAL"}),
        },
    }


def _service() -> Entry:
    return {"type": "cloud_run_revision", "labels": {"service_name": "seat-report", "project_id": _PROJECT}}
