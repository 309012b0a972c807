"""Requests to Azure that others may make: URLs with a shared access signature."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from azure.storage.blob import BlobSasPermissions, BlobServiceClient, UserDelegationKey, generate_blob_sas

from windlass.errors import InvalidValue
from windlass_azure.faults import explained
from windlass_azure.filesystem import AzureFileSystem
from windlass_fsspec.bucket import split_place

_LONGEST = 7 * 24 * 3600


def signed_url(fs: AzureFileSystem, place: str, *, write: bool, seconds: int) -> str:
    """The URL of one blob, good for some seconds, to write or to read it."""
    if not 0 < seconds <= _LONGEST:
        raise InvalidValue("seconds", seconds, "is not how long Azure lets a URL be good", limit=f"1 to {_LONGEST}")
    container, key = split_place(place)
    expiry = datetime.now(UTC) + timedelta(seconds=seconds)
    account_key = _account_key(fs.service)
    signature = generate_blob_sas(
        str(fs.service.account_name),
        container,
        key,
        account_key=account_key,
        user_delegation_key=None if account_key else _delegated(fs.service, expiry, container=container),
        permission=BlobSasPermissions(read=not write, write=write, create=write),
        expiry=expiry,
    )
    return f"{fs.service.get_blob_client(container, key).url}?{signature}"


def block_url(url: str, name: str) -> str:
    """The URL to store one block of a blob, from that to write it."""
    return f"{url}&comp=block&blockid={quote(b64encode(name.encode()), safe='')}"


def _account_key(service: BlobServiceClient) -> str | None:
    key: str | None = getattr(service.credential, "account_key", None)
    return key


def _delegated(service: BlobServiceClient, expiry: datetime, *, container: str) -> UserDelegationKey:
    """A key that signs in the name of who we are signed in as."""
    with explained(container):
        return service.get_user_delegation_key(datetime.now(UTC) - timedelta(minutes=5), expiry)
