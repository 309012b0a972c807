"""Files on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from windlass.entities import FileInfo
from windlass.wire.message import PROXY, WINDLASS, Id, Message, also_named, message


class FileInfoJson(TypedDict, total=False):
    """A file or directory; the size is left out for a directory."""

    path: str
    is_dir: bool
    file_size: int


class FilesAnswer(TypedDict, total=False):
    """What is in a directory."""

    files: list[FileInfoJson]


class ArtifactsAnswer(TypedDict, total=False):
    """What is in a directory, and the root that the paths are relative to."""

    root_uri: str
    files: list[FileInfoJson]


def encode_file_info(info: FileInfo) -> FileInfoJson:
    """The JSON of a file or directory."""
    json: FileInfoJson = {"path": info.path, "is_dir": info.is_dir}
    if info.file_size is not None:
        json["file_size"] = info.file_size
    return json


def decode_file_info(json: Mapping[str, Any]) -> FileInfo:
    """The file or directory behind its JSON."""
    is_dir, size = bool(json.get("is_dir", False)), json.get("file_size")
    if size is None:
        return FileInfo(json["path"], is_dir, None)
    return FileInfo(json["path"], is_dir, None if is_dir else int(size))


@message("GET", "/artifacts/list")
class ListArtifacts(Message):
    """Asks what is in a directory of a run's files."""

    run_id: Id = also_named("run_uuid")
    path: str | None = None
    page_token: str | None = None


@message("GET", "/artifacts", family=PROXY)
class ListProxiedArtifacts(Message):
    """Asks the artifact proxy what is in a directory; the answer's paths are relative to it."""

    path: str | None = None


@message("POST", "/artifacts/files/fetch", family=WINDLASS)
class FetchFiles(Message):
    """Asks for several files at once."""

    paths: tuple[str, ...]
