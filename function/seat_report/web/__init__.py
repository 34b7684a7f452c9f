"""The HTTP side: parameters, responses, problem details, and pages."""

from seat_report.web.app import App
from seat_report.web.responses import problem_members, problem_of

__all__ = [
    "App",
    "problem_members",
    "problem_of",
]
