"""The HTTP entry point of the Cloud Function: nothing but wiring."""

import gc

# What is imported stays: looking for garbage finds none in it, neither meanwhile nor afterwards, and took a fifth of
# the start-up.
gc.disable()

import functions_framework  # noqa: E402 - see above
from flask import Request, Response  # noqa: E402 - see above

from seat_report.web import App  # noqa: E402 - see above

gc.freeze()
gc.enable()

_app = App()


@functions_framework.http
def seat_report(request: Request) -> Response:
    """Answer one request: run the report, or tell how things stand."""
    return _app.answer(request)
