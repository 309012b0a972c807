"""What AWS says went wrong, as our errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from boto3.exceptions import Boto3Error
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    ProfileNotFound,
    TokenRetrievalError,
)

from windlass.errors import (
    AlreadyExists,
    Conflict,
    InvalidValue,
    NotFound,
    PermissionDenied,
    Unauthenticated,
    Unavailable,
    WindlassError,
)

_WHO = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or give this machine a role"
_CREDENTIALS = (
    NoCredentialsError,
    PartialCredentialsError,
    CredentialRetrievalError,
    TokenRetrievalError,
    ProfileNotFound,
)


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What a code of AWS is for us; `words` must stand in the message where codes mean several things."""

    codes: tuple[str, ...]
    kind: type[WindlassError]
    hint: str | None = None
    words: tuple[str, ...] = ()


_VALIDATION = ("ValidationException", "ValidationError")
_MEANINGS = (
    _Meaning(_VALIDATION, NotFound, words=("could not find", "not found", "does not exist")),
    _Meaning(_VALIDATION, AlreadyExists, words=("already exist",)),
    _Meaning(_VALIDATION, Conflict, "wait until SageMaker has done it, and try again", words=("in-progress",)),
    _Meaning(_VALIDATION, InvalidValue),
    _Meaning(("ResourceInUse", "ConflictException"), Conflict),
    _Meaning(("RepositoryAlreadyExistsException",), AlreadyExists),
    _Meaning(("ResourceLimitExceeded",), Conflict, "ask AWS for a higher quota, or delete what is not needed"),
    _Meaning(("ResourceNotFound", "NoSuchEntity", "NoSuchBucket", "NoSuchKey", "404"), NotFound),
    _Meaning(("RepositoryNotFoundException", "ImageNotFoundException"), NotFound),
    _Meaning(
        ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403"),
        PermissionDenied,
        "give the caller, or the role that it assumes, this permission",
    ),
    _Meaning(
        (
            "ExpiredToken",
            "ExpiredTokenException",
            "InvalidAccessKeyId",
            "InvalidClientTokenId",
            "InvalidSignatureException",
            "SignatureDoesNotMatch",
            "UnrecognizedClientException",
        ),
        Unauthenticated,
        _WHO,
    ),
    _Meaning(("301", "PermanentRedirect", "IllegalLocationConstraintException"), NotFound, "it is in another region"),
)


@contextmanager
def explained(what: str) -> Iterator[None]:
    """Errors of AWS and of its library as ours; `what` is what was asked for, as in `the endpoint 'x'`."""
    try:
        yield
    except ClientError as error:
        raise _of_answer(error, what) from error
    except Boto3Error as error:
        # Uploads wrap what went wrong, and say it only in their text.
        if isinstance(error.__context__, ClientError):
            raise _of_answer(error.__context__, what) from error
        raise Unavailable(f"AWS did not do what was asked for {what}: {error}") from error
    except _CREDENTIALS as error:
        raise Unauthenticated(f"there are no credentials for {what}: {error}", hint=_WHO) from error
    except ParamValidationError as error:
        raise InvalidValue("request", what, f"is not what AWS accepts: {error}") from error
    except BotoCoreError as error:
        hint = "check the network, the region, and AWS_ENDPOINT_URL if it is set"
        raise Unavailable(f"AWS cannot be reached for {what}: {error}", hint=hint) from error


def _of_answer(error: ClientError, what: str) -> WindlassError:
    told = error.response.get("Error", {})
    code, said = str(told.get("Code", "")), str(told.get("Message", "")).strip()
    text = f"{what}: AWS says {said or 'nothing'} ({code})"
    for one in _MEANINGS:
        if code in one.codes and (not one.words or any(word in said.lower() for word in one.words)):
            if one.kind is InvalidValue:
                return InvalidValue("request", what, f"is refused by AWS: {said} ({code})")
            return one.kind(text, hint=one.hint)
    return Unavailable(text)
