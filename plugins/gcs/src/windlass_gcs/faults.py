"""What Google Cloud Storage says went wrong, as our errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from google.api_core.exceptions import GoogleAPICallError, RetryError
from google.auth.exceptions import GoogleAuthError, TransportError
from google.cloud.storage.exceptions import DataCorruption, InvalidResponse
from requests.exceptions import RequestException

from windlass.errors import (
    Corrupted,
    InvalidValue,
    NotFound,
    PermissionDenied,
    Unauthenticated,
    Unavailable,
    WindlassError,
)

FAULTS: tuple[type[Exception], ...] = (
    GoogleAPICallError,
    RetryError,
    InvalidResponse,
    RequestException,
    GoogleAuthError,
)
WHO = "run `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS to a key file"
_WHERE = "check the network, and STORAGE_EMULATOR_HOST if it is an emulator"
_BUSY = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED, HTTPStatus.TOO_MANY_REQUESTS}
)


@contextmanager
def explained(bucket: str, key: str = "") -> Iterator[None]:
    """Errors of Google's client as ours; a missing object is a FileNotFoundError."""
    place = f"gs://{bucket}/{key}" if key else f"gs://{bucket}"
    try:
        yield
    except DataCorruption as error:
        where = f"of {place}"
        raise Corrupted(f"the bytes {where} are not those that were sent", hint="try again", place=where) from error
    except (GoogleAPICallError, InvalidResponse) as error:
        raise _of_answer(error, place, is_object=bool(key)) from error
    except (RetryError, RequestException, TransportError) as error:
        reason = str(getattr(error, "cause", None) or error).partition("\n")[0]
        where = f"at {place}: {reason}"
        raise Unavailable(f"Google Cloud Storage cannot be reached {where}", hint=_WHERE, place=where) from error
    except GoogleAuthError as error:
        reason = str(error).partition("\n")[0]
        where = f"for {place}: {reason}"
        raise Unauthenticated(f"there are no good credentials {where}", hint=WHO, place=where) from error


def _of_answer(error: GoogleAPICallError | InvalidResponse, place: str, *, is_object: bool) -> Exception:
    status = int(error.response.status_code if isinstance(error, InvalidResponse) else error.code or 500)
    if status == HTTPStatus.NOT_FOUND and is_object and "bucket does not exist" not in str(error):
        return FileNotFoundError(place)
    kind, text, hint = _meaning(status)
    if kind is InvalidValue:
        return InvalidValue("artifact", place, f"Google Cloud Storage does not accept it ({status})")
    where = f"at {place}"
    return kind(f"{text} {where} ({status})", hint=hint, place=where)


def _meaning(status: int) -> tuple[type[WindlassError], str, str | None]:
    if status == HTTPStatus.NOT_FOUND:
        return NotFound, "Google Cloud Storage has no such bucket", "create it, or correct the URI"
    if status == HTTPStatus.UNAUTHORIZED:
        return Unauthenticated, "Google does not accept the credentials", WHO
    if status == HTTPStatus.FORBIDDEN:
        return PermissionDenied, "Google does not let us in", "ask for the role Storage Object Admin"
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in _BUSY:
        return InvalidValue, "", None
    return Unavailable, "Google Cloud Storage did not do what was asked", None
