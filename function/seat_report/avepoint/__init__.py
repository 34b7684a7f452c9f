"""The AvePoint Elements API: seats of many customers, queried concurrently, by a deadline, with validated responses."""

from seat_report.avepoint.client import VERSION, AvePoint, AvePointUnavailableError
from seat_report.avepoint.probe import CONTRACTS, Answer, Probe, SeatAnswer

__all__ = ["CONTRACTS", "VERSION", "Answer", "AvePoint", "AvePointUnavailableError", "Probe", "SeatAnswer"]
