"""LargeFiles: moving them in parts, and at the storage itself where the server has that sign requests for us."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from contextlib import nullcontext
from functools import cached_property
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import quote

import urllib3

from windlass.errors import Unavailable, Unsupported
from windlass.wire.message import MLFLOW3, PREFIXES, PROXY
from windlass.wire.upload import AbortUpload, CompleteUpload, CreateUpload, UploadedPart
from windlass_client.transport import Transport

_INFO = f"{PREFIXES[MLFLOW3][0]}/server-info"
_AT_ONCE = 2
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PRESIGNED = f"{PREFIXES[PROXY][0]}/presigned"


class LargeFiles:
    """Large files of one server's artifact proxy; paths are those of the proxy."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._turns = BoundedSemaphore(_AT_ONCE)
        self._parts: dict[str, Mapping[int, Mapping[str, Any]]] = {}

    @property
    def are_signed(self) -> bool:
        """Whether the server signs requests to its storage, so that the parts do not come to it."""
        return bool(self._info.get("multipart_downloads_enabled"))

    def begin(self, path: str, count: int) -> str:
        """The id of a new upload; Unsupported if the server takes none."""
        if not self._info.get("multipart_uploads_enabled"):
            raise Unsupported("this server takes no files in parts", hint="send the file in one piece")
        directory, _, name = path.rpartition("/")
        answer = self._transport.call(CreateUpload(path=name, num_parts=count, directory=directory))
        upload_id = str(answer["upload_id"])
        self._parts[upload_id] = {int(one["part_number"]): one for one in answer["credentials"]}
        return upload_id

    def put(self, upload_id: str, number: int, data: bytes) -> str:
        """Send a part to where it belongs; its mark. Unavailable, so that it is sent again, if it arrived otherwise."""
        part = self._parts[upload_id][number]
        # Two keep a server busy; a storage is made for many at once.
        turn = self._turns if part["url"].startswith(self._transport.url) else nullcontext()
        with turn:
            answer = self._transport.send_to("PUT", part["url"], body=data, headers=part.get("headers") or {})
        mark = str(answer.headers.get("etag", "")).strip('"')
        # Our servers mark a part with its SHA-256; storages check what they get by themselves.
        if _SHA256.fullmatch(mark) and mark != hashlib.sha256(data).hexdigest():
            raise Unavailable(f"part {number} did not arrive as it was sent")
        return mark

    def complete(self, path: str, upload_id: str, marks: Mapping[int, str]) -> None:
        """Have the parts put together."""
        directory, _, name = path.rpartition("/")
        parts = tuple(UploadedPart(number, marks[number]) for number in sorted(marks))
        self._transport.call(CompleteUpload(path=name, upload_id=upload_id, parts=parts, directory=directory))
        self._parts.pop(upload_id, None)

    def abort(self, path: str, upload_id: str) -> None:
        """Have the parts thrown away."""
        directory, _, name = path.rpartition("/")
        self._parts.pop(upload_id, None)
        self._transport.call(AbortUpload(path=name, upload_id=upload_id, directory=directory))

    def fetch(self, path: str, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse | None:
        """The file from the storage itself, for which the server signs the request; None where it signs none."""
        if not self._info.get("multipart_downloads_enabled"):
            return None
        try:
            signed = self._transport.get(f"{_PRESIGNED}/{quote(path)}")
        except Unsupported:
            # The storage could, and the server's credentials cannot.
            return None
        wanted = {**(signed.get("headers") or {}), **headers}
        return self._transport.send_to("GET", str(signed["url"]), headers=wanted, stream=True)

    @cached_property
    def _info(self) -> Mapping[str, Any]:
        try:
            return self._transport.get(_INFO)
        except Unsupported:
            # An older server than those that tell.
            return {}
