"""What S3 says went wrong, as our errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    TokenRetrievalError,
)

from windlass.errors import (
    InvalidValue,
    NotFound,
    PermissionDenied,
    Unauthenticated,
    Unavailable,
    Unsupported,
    WindlassError,
)

_WHO = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or give this machine a role"
_WHERE = "check the network, and WINDLASS_S3_ENDPOINT_URL where the server is not Amazon's"
_CREDENTIALS = (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError, TokenRetrievalError)
_MISSING = frozenset({"NoSuchKey", "NoSuchUpload", "404"})
_REFUSED = frozenset(
    {
        "EntityTooLarge",
        "EntityTooSmall",
        "InvalidArgument",
        "InvalidBucketName",
        "InvalidPart",
        "InvalidPartOrder",
        "InvalidRequest",
        "KeyTooLongError",
    }
)


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What a code of S3 is for us: `codes` stands for each of them."""

    codes: tuple[str, ...]
    kind: type[WindlassError]
    text: str
    hint: str | None = None


_OTHER = _Meaning((), Unavailable, "S3 did not do what was asked")
_MEANINGS = {
    code: meaning
    for meaning in (
        _Meaning(("NoSuchBucket",), NotFound, "S3 has no such bucket", "create it, or correct the URI"),
        _Meaning(
            ("InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "TokenRefreshRequired"),
            Unauthenticated,
            "S3 does not accept the credentials",
            _WHO,
        ),
        _Meaning(
            ("AccessDenied", "AllAccessDisabled", "AccountProblem", "InvalidObjectState", "403"),
            PermissionDenied,
            "S3 does not let us in",
            "check the credentials and what they allow",
        ),
        _Meaning(("RequestTimeTooSkewed",), PermissionDenied, "S3 does not let us in", "set this machine's clock"),
        _Meaning(
            ("PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "301"),
            NotFound,
            "this region has no such bucket",
            "set AWS_REGION to the region of the bucket",
        ),
        _Meaning(("NotImplemented", "501"), Unsupported, "this S3 server cannot do that"),
    )
    for code in meaning.codes
}


@contextmanager
def explained(bucket: str, key: str = "") -> Iterator[None]:
    """Errors of botocore as ours; a missing object is a FileNotFoundError."""
    place = f"s3://{bucket}/{key}" if key else f"s3://{bucket}"
    try:
        yield
    except ClientError as error:
        raise _of_answer(error, place) from error
    except _CREDENTIALS as error:
        where = f"for {place}: {error}"
        raise Unauthenticated(f"there are no credentials {where}", hint=_WHO, place=where) from error
    except ParamValidationError as error:
        raise InvalidValue("uri", place, "is not what S3 accepts") from error
    except BotoCoreError as error:
        where = f"at {place}: {error}"
        raise Unavailable(f"S3 cannot be reached {where}", hint=_WHERE, place=where) from error


def _of_answer(error: ClientError, place: str) -> Exception:
    told = error.response.get("Error", {})
    code = str(told.get("Code", ""))
    if code in _MISSING:
        return FileNotFoundError(place)
    if code in _REFUSED:
        return InvalidValue("artifact", place, f"S3 does not accept it ({code}: {told.get('Message', '')})")
    meaning = _MEANINGS.get(code, _OTHER)
    where = f"at {place}"
    return meaning.kind(f"{meaning.text} {where} ({code})", hint=meaning.hint, place=where)
