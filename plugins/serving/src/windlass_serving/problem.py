"""Errors as answers: JSON with a code, a message and what to do."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from windlass.errors import NotFound, Unavailable, Unsupported, WindlassError

_STATUS: tuple[tuple[type[WindlassError], int], ...] = ((Unsupported, 415), (NotFound, 404), (Unavailable, 503))
_CODES = {404: "RESOURCE_DOES_NOT_EXIST", 405: "METHOD_NOT_ALLOWED", 413: "REQUEST_LIMIT_EXCEEDED"}


def problem(status: int, error_code: str, message: str, hint: str | None = None) -> JSONResponse:
    """An error as an answer."""
    body = {"error_code": error_code, "message": message}
    return JSONResponse(body if hint is None else {**body, "hint": hint}, status)


def of_windlass_error(error: WindlassError) -> JSONResponse:
    """The answer to what Windlass refuses: 400 unless the kind of error says otherwise."""
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 400)
    if type(error).code == WindlassError.code:
        status = 500
    code = "UNSUPPORTED_MEDIA_TYPE" if status == 415 else error.error_code  # noqa: PLR2004  the one that Unsupported means here
    return problem(status, code, error.message, error.hint)


async def of_http_exception(request: Request, error: Exception) -> JSONResponse:
    """The answer to an unknown path or a wrong method."""
    del request
    status = error.status_code if isinstance(error, HTTPException) else 500
    code = _CODES.get(status, "BAD_REQUEST")
    return problem(status, code, str(getattr(error, "detail", "")), "POST to /invocations, GET /ping or /version")


async def of_bug(request: Request, error: Exception) -> JSONResponse:
    """The answer to a mistake of ours; the log has the rest."""
    del request
    return problem(500, "INTERNAL_ERROR", f"the server failed: {type(error).__name__}", "its log has the cause")
