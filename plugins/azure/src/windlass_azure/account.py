"""The client of an Azure storage account, from a URI and the settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from azure.core.credentials import TokenCredential
from azure.storage.blob import BlobServiceClient

from windlass.config import Settings
from windlass.errors import InvalidValue
from windlass.uri import Uri
from windlass_fsspec.bucket import place_of

_FORM = "abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/PATH"
_HINT = f"write {_FORM}; for another cloud set AZURE_STORAGE_CONNECTION_STRING and write az://CONTAINER/PATH"
_CLOUDS = frozenset(
    {"core.windows.net", "core.chinacloudapi.cn", "core.usgovcloudapi.net", "fabric.microsoft.com", "storage.azure.net"}
)
"""Azure's own domains: to others no credentials are sent, whoever wrote the URI."""
_SHORT = frozenset({"abfs", "az"})
_OPTIONS: dict[str, Any] = {
    "connection_timeout": 3,
    "read_timeout": 60,
    # Seconds before it tries again, and how often. Whatever moves files tries again by itself.
    "retry_total": 2,
    "initial_backoff": 1,
    "increment_base": 1,
    "random_jitter_range": 1,
    "max_single_put_size": 32 << 20,
    "max_single_get_size": 16 << 20,
    "max_chunk_get_size": 16 << 20,
}


@dataclass(frozen=True, slots=True)
class BlobPlace:
    """What a URI names: the service's URL, if it tells the account, the container and the path in it."""

    service: str | None
    container: str
    path: str


def blob_place(uri: Uri) -> BlobPlace:
    """Read `abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/PATH`, its kin, or `az://CONTAINER/PATH`."""
    netloc, path = place_of(uri)
    container, at, host = netloc.rpartition("@")
    if at and container and ":" not in container:
        account, dot, rest = host.partition(".")
        # The objects of a Data Lake are blobs, too, below another name of the same host.
        domain = rest.removeprefix("dfs.") if rest.startswith("dfs.") else rest.removeprefix("blob.")
        if account and dot and domain != rest and domain in _CLOUDS:
            return BlobPlace(f"https://{account}.blob.{domain}", container, path)
    elif not at and uri.scheme in _SHORT:
        return BlobPlace(None, netloc, path)
    raise InvalidValue("uri", str(uri), "must name a container and an account of Azure", hint=_HINT)


def open_service(place: BlobPlace, settings: Settings) -> BlobServiceClient:
    """A client for the account, with its connection string, its key or who this machine is for Azure."""
    if text := settings.azure_connection_string:
        try:
            return BlobServiceClient.from_connection_string(text, **_OPTIONS)
        except ValueError as error:
            raise InvalidValue("AZURE_STORAGE_CONNECTION_STRING", "…", "is not a connection string") from error
    if place.service is None:
        raise InvalidValue(
            "uri",
            place.container,
            "does not name the storage account",
            hint=f"write {_FORM}, or set AZURE_STORAGE_CONNECTION_STRING",
        )
    return BlobServiceClient(place.service, credential=settings.azure_access_key or _identity(), **_OPTIONS)


def _identity() -> TokenCredential:
    # It takes a while to import, and with a key it is not needed.
    from azure.identity import DefaultAzureCredential  # noqa: PLC0415

    return DefaultAzureCredential()
