"""What Azure says went wrong, as our errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError, ResourceNotFoundError

from windlass.errors import (
    InvalidValue,
    NotFound,
    PermissionDenied,
    Unauthenticated,
    Unavailable,
    WindlassError,
)

_WHO = "set AZURE_STORAGE_CONNECTION_STRING or AZURE_STORAGE_ACCESS_KEY, or sign in with `az login`"
_WHERE = "check the network and the account's name"
_FORBIDDEN = frozenset({"AuthorizationPermissionMismatch", "InsufficientAccountPermissions", "AccountIsDisabled"})
_OVERTAKEN = frozenset({"InvalidBlockList", "InvalidBlobOrBlock"})
_UNKNOWN = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_BUSY = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED, HTTPStatus.TOO_MANY_REQUESTS}
)


@contextmanager
def explained(container: str, key: str = "") -> Iterator[None]:
    """Errors of Azure's client as ours; a missing blob is a FileNotFoundError."""
    place = f"{container}/{key}" if key else container
    try:
        yield
    except AzureError as error:
        code = str(getattr(error, "error_code", None) or "")
        if isinstance(error, ResourceNotFoundError) and code != "ContainerNotFound":
            raise FileNotFoundError(place) from error
        if isinstance(error, HttpResponseError) and error.status_code:
            raise _of_answer(error, code or str(error.status_code), place) from error
        if isinstance(error, ClientAuthenticationError):
            where = f"for {place}"
            raise Unauthenticated(f"there are no credentials {where}", hint=_WHO, place=where) from error
        reason = str(error).partition("\n")[0]
        where = f"at {place}: {reason}"
        raise Unavailable(f"Azure cannot be reached {where}", hint=_WHERE, place=where) from error


def _of_answer(error: HttpResponseError, code: str, place: str) -> WindlassError:
    status = error.status_code or HTTPStatus.INTERNAL_SERVER_ERROR
    kind, text, hint = _meaning(code, status)
    if kind is InvalidValue:
        return InvalidValue("artifact", place, f"Azure does not accept it ({code})")
    where = f"at {place}"
    return kind(f"{text} {where} ({code})", hint=hint, place=where)


def _meaning(code: str, status: int) -> tuple[type[WindlassError], str, str | None]:
    if code == "ContainerNotFound":
        return NotFound, "Azure has no such container", "create it, or correct the URI"
    if code in _FORBIDDEN:
        return PermissionDenied, "Azure does not let us in", "ask for the role Storage Blob Data Contributor"
    if status in _UNKNOWN:
        return Unauthenticated, "Azure does not accept the credentials", _WHO
    if code in _OVERTAKEN:
        return Unavailable, "somebody else stored a file at the same time", "store it again"
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in _BUSY:
        return InvalidValue, "", None
    return Unavailable, "Azure did not do what was asked", None
