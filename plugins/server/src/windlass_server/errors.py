"""Errors as answers: the one place that knows HTTP status codes, and the only shape an error ever has."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.serialization import encode_json
from litestar.types import Send

from windlass.errors import Unauthenticated, Unavailable, WindlassError
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
    "REQUEST_LIMIT_EXCEEDED": 429,
    "NOT_IMPLEMENTED": 501,
    "TEMPORARILY_UNAVAILABLE": 503,
}
_OURS = 500
"""From here on statuses are about the server, not about what was asked."""
_FRAMEWORK: Mapping[int, tuple[str, str]] = {
    404: ("ENDPOINT_NOT_FOUND", "there is no such endpoint"),
    405: ("BAD_REQUEST", "this endpoint does not take this method"),
    413: ("BAD_REQUEST", "the body is too large"),
    499: ("BAD_REQUEST", "the client left"),
}


def answer_windlass_error(request: Request[Any, Any, Any], error: WindlassError) -> Response[bytes]:
    """An error that was raised on purpose."""
    status = _STATUS.get(error.error_code, 500)
    if status >= _OURS:
        level = logging.ERROR if status == _OURS else logging.WARNING
        _log.log(level, "%s %s: %s", request.method, request.scope["path"], error)
    headers = {**_retry_after(error), **_challenge(error)}
    return _answer(_encode(error), status, headers)


def answer_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """What the framework refuses: unknown paths and methods, bodies that are too large."""
    if error.status_code >= _OURS:
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


async def refuse(send: Send, error: WindlassError) -> None:
    """Answer a request that is turned away before the framework looks at it."""
    body = encode_json(_encode(error))
    headers = {"content-type": "application/json", "content-length": str(len(body)), **_retry_after(error)}
    await send(
        {
            "type": "http.response.start",
            "status": _STATUS[error.error_code],
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
    )
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _encode(error: WindlassError) -> ErrorJson:
    """The JSON of an error without the place where the server keeps its data."""
    json = encode_error(error)
    if place := error.details.get("place"):
        json["message"] = json["message"].replace(f" {place}", "")
        json["details"] = {name: value for name, value in json["details"].items() if name != "place"}
    return json


def _challenge(error: WindlassError) -> dict[str, str]:
    """How to sign in, as MLflow's clients know it."""
    return {"www-authenticate": 'Basic realm="mlflow"'} if isinstance(error, Unauthenticated) else {}


def _retry_after(error: WindlassError) -> dict[str, str]:
    """When to try again, where the error knows it or it may help at all."""
    if not isinstance(error, Unavailable):
        return {}
    return {"retry-after": str(max(1, round(float(error.details.get("retry_after") or 1))))}


def _answer(json: ErrorJson, status: int, headers: Mapping[str, str] | None = None) -> Response[bytes]:
    return Response(encode_json(json), status_code=status, media_type="application/json", headers=headers)


HANDLERS: dict[int | type[Exception], Any] = {
    WindlassError: answer_windlass_error,
    HTTPException: answer_http_error,
    Exception: answer_bug,
}
