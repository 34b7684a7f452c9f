"""The message of a run in the Runs tab: what it was limited to, and what went wrong, in short."""

from collections import Counter

from seat_report.domain import Collection, cut
from seat_report.reporting.result import RunResult
from seat_report.workbook import runs

_MAX_LENGTH = 500


def limits(result: RunResult) -> str:
    """What a limited run was limited to, in a sentence that begins as the Runs tab expects it."""
    number = len(result.request.customer_ids)
    names = [f"{number:,} {'customer' if number == 1 else 'customers'}"] if number else []
    names += [tenant_type.label for tenant_type in result.request.tenant_types]
    return f"{runs.LIMITED}{', '.join(names)}."


def run_message(result: RunResult) -> str:
    """What the run was limited to, why it failed, and how many problems of each kind there are."""
    parts = [str(result.failure)] if result.failure else []
    kinds = Counter(problem.kind for problem in result.problems)
    parts += [f"{count} × {kind.replace('-', ' ')}" for kind, count in kinds.most_common()]
    parts += result.warnings
    sentences = [limits(result)] if result.is_limited else []
    return cut(" ".join([*sentences, "; ".join(parts)]).rstrip(), _MAX_LENGTH)


def no_answers_message(collection: Collection) -> str:
    """Why AvePoint answered for no customer, most often; the collection must have failures."""
    failures = [seat_result.failure for seat_result in collection.results if seat_result.failure]
    (kind, _), *_rest = Counter(failure.kind for failure in failures).most_common()
    first = next(failure.detail for failure in failures if failure.kind is kind)
    return f"AvePoint answered for no customer; previous numbers are kept and dated. Most often: {first}"
