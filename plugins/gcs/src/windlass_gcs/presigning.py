"""Requests to Google Cloud Storage that others may make."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from google.auth.credentials import Signing
from google.auth.transport.requests import Request
from google.cloud.storage import Client

from windlass.errors import InvalidValue, Unsupported
from windlass.interfaces import SignedRequest
from windlass_fsspec.bucket import split_place
from windlass_gcs.faults import explained
from windlass_gcs.filesystem import GcsFileSystem

_LONGEST = 7 * 24 * 3600


def presign(fs: GcsFileSystem, method: str, place: str, *, seconds: int) -> SignedRequest:
    """A request for one object, good for some seconds; Unsupported if the credentials cannot sign."""
    if not 0 < seconds <= _LONGEST:
        raise InvalidValue("seconds", seconds, "is not how long Google lets a URL be good", limit=f"1 to {_LONGEST}")
    bucket, key = split_place(place)
    with explained(bucket, key), fs.blob(place) as blob:
        url = blob.generate_signed_url(
            version="v4",
            method=method,
            expiration=timedelta(seconds=seconds),
            api_access_endpoint=fs.client.api_endpoint,
            **_signer(fs.client),
        )
    return SignedRequest(url)


def _signer(client: Client) -> dict[str, Any]:
    """Who signs: the key of the credentials, or Google for a service account that has none on this machine."""
    credentials = client._credentials  # noqa: SLF001  the client has no other name for it
    if isinstance(credentials, Signing):
        return {"credentials": credentials}
    email = getattr(credentials, "service_account_email", None)
    if email is None:
        raise Unsupported(
            "these credentials for Google Cloud Storage cannot sign URLs",
            hint="use those of a service account, or let files pass through the server",
        )
    credentials.refresh(Request())
    return {"service_account_email": credentials.service_account_email, "access_token": credentials.token}
