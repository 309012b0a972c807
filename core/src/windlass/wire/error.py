"""Errors on the wire, so that a remote error comes out as the same class that was raised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from windlass import errors
from windlass.errors import WindlassError

_RESERVED = frozenset({"self", "message", "hint"})
_FROM_MLFLOW: Mapping[str, type[WindlassError]] = {
    "INVALID_PARAMETER_VALUE": errors.InvalidValue,
    "BAD_REQUEST": errors.InvalidValue,
    "RESOURCE_DOES_NOT_EXIST": errors.NotFound,
    "NOT_FOUND": errors.NotFound,
    "ENDPOINT_NOT_FOUND": errors.Unsupported,
    "NOT_IMPLEMENTED": errors.Unsupported,
    "FEATURE_DISABLED": errors.Unsupported,
    "RESOURCE_ALREADY_EXISTS": errors.AlreadyExists,
    "ALREADY_EXISTS": errors.AlreadyExists,
    "ABORTED": errors.Conflict,
    "RESOURCE_CONFLICT": errors.Conflict,
    "INVALID_STATE": errors.Conflict,
    "UNAUTHENTICATED": errors.Unauthenticated,
    "CUSTOMER_UNAUTHORIZED": errors.Unauthenticated,
    "PERMISSION_DENIED": errors.PermissionDenied,
    "REQUEST_LIMIT_EXCEEDED": errors.TooManyRequests,
    "RESOURCE_EXHAUSTED": errors.Unavailable,
    "TEMPORARILY_UNAVAILABLE": errors.Unavailable,
    "DEADLINE_EXCEEDED": errors.Unavailable,
    "DATA_LOSS": errors.Corrupted,
}


class ErrorJson(TypedDict, total=False):
    """An error: `error_code` and `message` are what MLflow's clients read, the others are ours."""

    error_code: str
    message: str
    code: str
    hint: str
    details: dict[str, Any]


def encode_error(error: WindlassError) -> ErrorJson:
    """The JSON of an error."""
    json: ErrorJson = {"error_code": error.error_code, "message": error.message, "code": error.code}
    if error.hint is not None:
        json["hint"] = error.hint
    if error.details:
        json["details"] = {key: _plain(value) for key, value in error.details.items()}
    return json


def decode_error(json: Mapping[str, Any]) -> WindlassError:
    """The error behind its JSON; a server that sends no `code` of ours is understood by its `error_code`."""
    code, error_code = str(json.get("code", "")), str(json.get("error_code", ""))
    kind = _by_code().get(code) or _FROM_MLFLOW.get(error_code, WindlassError)
    details = {key: value for key, value in (json.get("details") or {}).items() if key not in _RESERVED}
    # Subclasses have constructors of their own, which would build the message anew.
    error = kind.__new__(kind)
    WindlassError.__init__(error, str(json.get("message", "")), hint=json.get("hint"), **details)
    return error


def _by_code() -> dict[str, type[WindlassError]]:
    """Core's own errors: a plugin's subclass of one has its code, and is the base class on the other side."""
    found = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, WindlassError)]
    return {kind.code: kind for kind in found}


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in value]
    return str(value)
