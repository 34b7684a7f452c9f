"""The AvePoint Elements API: many customers' seats, queried concurrently, by a deadline, each answer checked."""

from seat_report.avepoint.client import AvePoint, AvePointUnavailableError

__all__ = [
    "AvePoint",
    "AvePointUnavailableError",
]
