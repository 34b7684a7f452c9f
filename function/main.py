"""The HTTP entry point of the Cloud Function: nothing but wiring."""

import functions_framework
from flask import Request, Response

from seat_report.web.endpoint import Endpoint

_endpoint = Endpoint()


@functions_framework.http
def seat_report(request: Request) -> Response:
    """Answer one request: run the report, or tell how things stand."""
    return _endpoint.answer(request)
