"""Refusals, as Google's front end words them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

Json = dict[str, Any]

_STATUS_NAMES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


class ApiError(Exception):
    """An answer that is not 2xx: its HTTP status, its message and, for some, details."""

    def __init__(self, code: int, message: str, details: list[Json] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details

    def body(self) -> Json:
        """Give the JSON body of the answer."""
        error: Json = {"code": self.code, "message": self.message}
        error["status"] = _STATUS_NAMES.get(self.code) or HTTPStatus(self.code).name
        if self.details:
            error["details"] = self.details
        return {"error": error}


def invalid(message: str) -> ApiError:
    """Give a 400 with a plain message."""
    return ApiError(400, message)


def violations(found: list[tuple[str, str]], message: str | None = None) -> ApiError:
    """Give a 400 that lists (field, description) pairs; their descriptions are the message unless one is given."""
    listed = [{"field": field, "description": text} if field else {"description": text} for field, text in found]
    detail = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": listed}
    return ApiError(400, message or "\n".join(text for _, text in found), [detail])


def not_found() -> ApiError:
    """Give the 404 for a spreadsheet, file or entry that isn't there."""
    return ApiError(404, "Requested entity was not found.")


def forbidden() -> ApiError:
    """Give the 403 for a spreadsheet that isn't shared with the caller."""
    return ApiError(403, "The caller does not have permission")


def unsupported(what: str) -> ApiError:
    """Give the 501 for what the real service does and this one doesn't: never a silent success."""
    return ApiError(501, f"{what} is not supported by this local service.")
