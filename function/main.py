"""The HTTP entry point of the Cloud Function: nothing but wiring."""

import gc

# Imported objects live as long as the process: collecting garbage while importing, or scanning them later, finds none
# and took a fifth of the start-up time.
gc.disable()

import functions_framework  # noqa: E402 - see above
from flask import Request, Response  # noqa: E402 - see above

from seat_report.web import App  # noqa: E402 - see above

gc.freeze()
gc.enable()

_app = App()


@functions_framework.http
def seat_report(request: Request) -> Response:
    """Handle one request: run the report, show its form or check its health."""
    return _app.handle(request)
