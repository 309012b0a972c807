"""Errors as answers: the one place that knows HTTP status codes, and the only shape an error ever has."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.serialization import encode_json

from windlass.errors import PermissionDenied, Unavailable, WindlassError
from windlass.wire.error import ErrorJson, encode_error

_log = logging.getLogger(__name__)

_STATUS: Mapping[str, int] = {
    "INVALID_PARAMETER_VALUE": 400,
    "BAD_REQUEST": 400,
    "RESOURCE_ALREADY_EXISTS": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "RESOURCE_DOES_NOT_EXIST": 404,
    "ENDPOINT_NOT_FOUND": 404,
    "NOT_IMPLEMENTED": 501,
    "TEMPORARILY_UNAVAILABLE": 503,
}
_FRAMEWORK: Mapping[int, tuple[str, str]] = {
    404: ("ENDPOINT_NOT_FOUND", "there is no such endpoint"),
    405: ("BAD_REQUEST", "this endpoint does not take this method"),
    413: ("BAD_REQUEST", "the body is too large"),
}


def answer_windlass_error(request: Request[Any, Any, Any], error: WindlassError) -> Response[bytes]:
    """An error that was raised on purpose."""
    if error.code == WindlassError.code:
        _log.error("%s %s: %s", request.method, request.scope["path"], error)
    headers = {}
    if isinstance(error, Unavailable) and (seconds := error.details.get("retry_after")) is not None:
        headers["retry-after"] = str(max(1, round(float(seconds))))
    return _answer(encode_error(error), _STATUS.get(error.error_code, 500), headers)


def answer_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """What the framework refuses: unknown paths and methods, bodies that are too large."""
    if error.status_code >= 500:  # noqa: PLR2004  the class of errors that are ours
        return answer_bug(request, error)
    code, message = _FRAMEWORK.get(error.status_code, ("BAD_REQUEST", "the request cannot be understood"))
    json: ErrorJson = {"error_code": code, "message": f"{message}: {request.method} {request.scope['path']}"}
    return _answer(json, error.status_code, error.headers)


def answer_bug(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """An error that nobody foresaw: the log has it, the client learns nothing of the inside."""
    _log.error("%s %s failed", request.method, request.scope["path"], exc_info=error)
    json: ErrorJson = {
        "error_code": "INTERNAL_ERROR",
        "message": "the server failed to answer; its log says why",
        "code": WindlassError.code,
    }
    return _answer(json, 500)


def refusal(message: str, hint: str) -> tuple[int, bytes]:
    """Status and body of a request that is turned away before anything looks at it."""
    error = PermissionDenied(message, hint=hint)
    return _STATUS[error.error_code], encode_json(encode_error(error))


def _answer(json: ErrorJson, status: int, headers: Mapping[str, str] | None = None) -> Response[bytes]:
    return Response(encode_json(json), status_code=status, media_type="application/json", headers=headers)


HANDLERS: dict[int | type[Exception], Any] = {
    WindlassError: answer_windlass_error,
    HTTPException: answer_http_error,
    Exception: answer_bug,
}
