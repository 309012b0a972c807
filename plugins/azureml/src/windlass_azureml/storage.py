"""Storage: the files of models in the workspace's own container.

See https://learn.microsoft.com/rest/api/storageservices/blob-service-rest-api.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from xml.etree import ElementTree as ET

from windlass.config import Settings
from windlass.errors import NotFound, Unavailable, Unsupported
from windlass_azureml.resource_manager import ResourceManager
from windlass_azureml.sign_in import STORAGE, SignIn
from windlass_rest.rest import Rest

_VERSION = "2021-12-02"
_PATIENCE = 60.0
_HOURS = timedelta(hours=6)
_BLOCK = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Storage:
    """One container; `signature` is a query that lets one in, where no token does."""

    rest: Rest
    container: str
    datastore: str
    signature: str

    @classmethod
    def open(cls, manager: ResourceManager, settings: Settings, sign_in: SignIn) -> Storage:
        """The container behind the workspace's default datastore."""
        found = next((one for one in manager.each("/datastores") if one["properties"].get("isDefault")), None)
        about = (found or {}).get("properties") or {}
        if found is None or about.get("datastoreType") != "AzureBlob":
            raise Unsupported("the workspace's default datastore is no container of blobs")
        name, account = found["name"], about["accountName"]
        kind = (about.get("credentials") or {}).get("credentialsType")
        secrets = {} if kind == "None" else manager.post(f"/datastores/{quote(name)}/listSecrets")
        signature = _signature(account, secrets)
        rest = Rest.open(
            f"{about.get('protocol', 'https')}://{account}.blob.{about.get('endpoint', 'core.windows.net')}",
            settings,
            name="Azure Storage",
            timeout=settings.http_timeout,
            headers={"x-ms-version": _VERSION},
            patience=_PATIENCE,
            authorize=None if signature else sign_in.headers(STORAGE),
            hints={403: "who signs in needs the role 'Storage Blob Data Contributor', or a datastore with a key"},
            said=_said,
        )
        return cls(rest, about["containerName"], name, signature)

    def upload(self, path: Path, place: str) -> None:
        """Put a directory's files below a place."""
        for file in sorted(one for one in path.rglob("*") if one.is_file()):
            blob = f"{place}/{file.relative_to(path).as_posix()}"
            try:
                self._put(file, blob)
            except OSError as error:
                raise Unavailable(f"the model cannot be read: {error}") from error

    def blobs(self, prefix: str) -> Iterator[str]:
        """The names of all blobs with a prefix."""
        query = {"restype": "container", "comp": "list", "prefix": prefix}
        while True:
            # What answers is the user's own storage account.
            page = ET.fromstring(self.rest.send("GET", self._path("", query)).data)  # noqa: S314
            yield from (str(one.text) for one in page.iterfind("./Blobs/Blob/Name"))
            if not (marker := page.findtext("NextMarker")):
                return
            query["marker"] = marker

    def delete(self, prefix: str) -> None:
        """Remove all blobs with a prefix."""
        for blob in list(self.blobs(prefix)):
            with suppress(NotFound):
                self.rest.send("DELETE", self._path(blob))

    def _put(self, file: Path, blob: str) -> None:
        size = file.stat().st_size
        with file.open("rb") as stream:
            if size <= _BLOCK:
                headers = {"x-ms-blob-type": "BlockBlob", "content-type": "application/octet-stream"}
                self.rest.send("PUT", self._path(blob), body=stream.read(), headers=headers)
                return
            names: list[str] = []
            while block := stream.read(_BLOCK):
                names.append(base64.b64encode(f"{len(names):08d}".encode()).decode())
                headers = {"content-type": "application/octet-stream"}
                self.rest.send(
                    "PUT", self._path(blob, {"comp": "block", "blockid": names[-1]}), body=block, headers=headers
                )
        listed = "".join(f"<Latest>{name}</Latest>" for name in names)
        body = f'<?xml version="1.0" encoding="utf-8"?><BlockList>{listed}</BlockList>'.encode()
        self.rest.send(
            "PUT", self._path(blob, {"comp": "blocklist"}), body=body, headers={"content-type": "application/xml"}
        )

    def _path(self, blob: str, query: dict[str, str] | None = None) -> str:
        asked = "&".join(filter(None, (urlencode(query or {}), self.signature)))
        path = f"/{self.container}" + (f"/{quote(blob)}" if blob else "")
        return f"{path}?{asked}" if asked else path


def _signature(account: str, secrets: dict[str, Any]) -> str:
    """The query that lets one into an account: one that was given, or one made with the account's key."""
    match secrets.get("secretsType"):
        case "Sas":
            return str(secrets["sasToken"]).lstrip("?")
        case "AccountKey":
            return sign(account, secrets["key"], until=datetime.now(UTC) + _HOURS)
        case _:
            return ""


def sign(account: str, key: str, *, until: datetime) -> str:
    """A shared access signature for the blobs of an account."""
    end = until.strftime("%Y-%m-%dT%H:%M:%SZ")
    parts = {"sp": "rwdlac", "ss": "b", "srt": "co", "st": "", "se": end, "sip": "", "spr": "https,http"}
    text = "\n".join([account, *parts.values(), _VERSION, "", ""])
    digest = hmac.new(base64.b64decode(key), text.encode(), hashlib.sha256).digest()
    given = {name: value for name, value in parts.items() if value}
    return urlencode({**given, "sv": _VERSION, "sig": base64.b64encode(digest).decode()})


def _said(data: bytes) -> str:
    """The code in an error of the storage; its message may repeat the signature."""
    try:
        return str(ET.fromstring(data).findtext("Code") or "")  # noqa: S314  the user's own storage account
    except ET.ParseError:
        return ""
