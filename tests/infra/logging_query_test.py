"""Our subset of the query language matches as the service does, and rejects everything else."""

import pytest

from tests.infra.logging_query import UnknownSyntaxError, extract, parse

ENTRY = {
    "severity": "ERROR",
    "resource": {"type": "cloud_run_revision", "labels": {"service_name": "seat-report"}},
    "jsonPayload": {"message": "run finished", "failed": 0, "dry_run": False, "@type": "kind", "detail": None},
}


@pytest.mark.parametrize(
    "query",
    [
        'resource.type="cloud_run_revision"',
        'resource.labels.service_name="Seat-Report"',
        'jsonPayload."@type"="kind"',
        "jsonPayload.failed=0",
        "jsonPayload.failed<=0.5 AND jsonPayload.failed>=-1",
        "jsonPayload.dry_run=false",
        "severity>=WARNING",
        'NOT jsonPayload.message="nothing"',
        "NOT jsonPayload.missing=1",
        "severity=ERROR AND NOT (severity=INFO OR jsonPayload.failed=1)",
        '(jsonPayload.message="nothing" OR jsonPayload.message="run finished") AND severity=ERROR',
    ],
)
def test_matches(query: str) -> None:
    """Queries that are true of the entry match it."""
    assert parse(query)(ENTRY)


@pytest.mark.parametrize(
    "query",
    [
        'jsonPayload.message="run"',
        "jsonPayload.missing<=30",
        "jsonPayload.detail<=30",
        "jsonPayload.dry_run=0",
        "jsonPayload.failed=false",
        "severity>=CRITICAL",
        "NOT jsonPayload.failed=0",
        'jsonPayload.message.inner="x"',
        'jsonPayload.message="nothing" OR severity=INFO',
    ],
)
def test_does_not_match(query: str) -> None:
    """Partial texts, missing fields and values of another type don't match."""
    assert not parse(query)(ENTRY)


@pytest.mark.parametrize(
    "query",
    [
        "",
        'a="1" AND b="2" OR c="3"',
        'a="1" b="2"',
        'a="1" AND',
        '(a="1"',
        'a="1")',
        "NOT",
        'a="1" NOT b="2"',
        'a:"1"',
        'a=~"1"',
        'a!="1"',
        'a>="1"',
        "a>=true",
        "a=WORD",
        '"anything"',
        'log_id("run.googleapis.com/stdout")',
    ],
)
def test_rejects_unknown_syntax(query: str) -> None:
    """A query outside the subset is an error, never a match."""
    with pytest.raises(UnknownSyntaxError):
        parse(query)


def test_extracts() -> None:
    """An extractor returns a field's value or None, and other forms are rejected."""
    assert extract("EXTRACT(jsonPayload.message)", ENTRY) == "run finished"
    assert extract("EXTRACT(jsonPayload.missing)", ENTRY) is None
    with pytest.raises(UnknownSyntaxError):
        extract('REGEXP_EXTRACT(jsonPayload.message, "(.*)")', ENTRY)
