"""Uploads in parts and signed requests on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict

from windlass.wire.message import PROXY, Id, Message, message


class PartJson(TypedDict):
    """Where a part goes: a PUT to the URL with the headers, whose answer has the part's mark as its ETag."""

    part_number: int
    url: str
    headers: Mapping[str, str]


class UploadAnswer(TypedDict):
    """An upload that has begun."""

    upload_id: str
    credentials: list[PartJson]


class SignedDownload(TypedDict, total=False):
    """Where a file can be fetched for a while."""

    url: str
    headers: Mapping[str, str]
    file_size: int


class SignedAnswer(TypedDict, total=False):
    """Where a file can be stored or fetched for a while."""

    presigned_url: str
    headers: Mapping[str, str]
    file_size: int


@dataclass(frozen=True, slots=True)
class UploadedPart:
    """A part that was stored, and its mark; some storage gives none."""

    part_number: int
    etag: str = ""


@message("POST", "/mpu/create/{directory}", family=PROXY, idempotent=False)
class CreateUpload(Message):
    """Begins to store a file in parts; `path` is its name in the directory."""

    path: str
    num_parts: int
    directory: str = ""


@message("POST", "/mpu/complete/{directory}", family=PROXY)
class CompleteUpload(Message):
    """Puts the parts of an upload together."""

    path: str
    upload_id: str
    parts: tuple[UploadedPart, ...] = ()
    directory: str = ""


@message("POST", "/mpu/abort/{directory}", family=PROXY)
class AbortUpload(Message):
    """Throws an upload away."""

    path: str
    upload_id: str
    directory: str = ""


@message("POST", "/artifacts/presigned-upload-url", idempotent=False)
class PresignUpload(Message):
    """Asks for a URL to which a file of a run, or of a logged model, can be stored for a while."""

    path: str
    run_id: Id | None = None
    model_id: Id | None = None
    expiration: int | None = None


@message("POST", "/artifacts/presigned-download-url", idempotent=False)
class PresignDownload(Message):
    """Asks for a URL from which a file of a run can be fetched for a while."""

    run_id: Id
    path: str
    expiration: int | None = None
