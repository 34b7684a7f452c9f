"""Whether the real services behave as the code believes: one line for each fact."""

from seat_report.check.command import main

__all__ = ["main"]
