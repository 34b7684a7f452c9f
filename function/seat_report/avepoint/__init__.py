"""The AvePoint Elements API: seats of many customers, queried concurrently, by a deadline, with validated responses."""

from seat_report.avepoint.client import AvePoint, AvePointUnavailableError

__all__ = ["AvePoint", "AvePointUnavailableError"]
