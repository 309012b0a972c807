"""AzureFileSystem: the blobs of Azure, on Microsoft's client."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.storage.blob import BlobClient, BlobPrefix, BlobServiceClient, ContentSettings

from windlass.errors import Unavailable
from windlass_azure.faults import explained
from windlass_fsspec.bucket import Body, BucketFileSystem, split_place

_MOST_DELETED = 256
_GONE, _ACCEPTED, _BEYOND = 404, 202, 416


class AzureFileSystem(BucketFileSystem):
    """Blobs of one storage account; the first part of a path is the container."""

    def __init__(self, service: BlobServiceClient) -> None:
        super().__init__()
        self.service = service

    @contextmanager
    def blob(self, path: str) -> Iterator[BlobClient]:
        """The client of one blob, whose errors are ours."""
        container, key = split_place(path)
        with explained(container, key):
            yield self.service.get_blob_client(container, key)

    def put_file(self, lpath: str, rpath: str, **_: Any) -> None:
        """Store a local file with one request."""
        self.pipe_file(rpath, Path(lpath).read_bytes())

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **_: Any) -> None:
        """Store bytes with one request."""
        del mode
        with self.blob(path) as blob:
            blob.upload_blob(value, overwrite=True, content_settings=described(path))

    def body(self, path: str) -> Body:
        """A blob's bytes, all of the version that the first request found."""
        with self.blob(path) as blob:
            return _Download(blob.download_blob(), path)

    def cat_file(self, path: str, start: int | None = None, end: int | None = None, **_: Any) -> bytes:
        """A part of a blob."""
        first = start or 0
        if end is not None and end <= first:
            return b""
        with self.blob(path) as blob:
            try:
                found: bytes = blob.download_blob(first, None if end is None else end - first).readall()
            except HttpResponseError as error:
                if error.status_code == _BEYOND:
                    return b""
                raise
            return found

    def size(self, path: str) -> int:
        """How many bytes a blob has."""
        with self.blob(path) as blob:
            properties = blob.get_blob_properties()
            if (properties.metadata or {}).get("hdi_isfolder") == "true":
                # A Data Lake has an empty blob for each directory.
                raise FileNotFoundError(path)
            return int(properties.size)

    def entries(self, prefix: str, *, deep: bool) -> Iterator[tuple[str, int | None]]:
        """Blobs, five thousand with each request."""
        container, key = split_place(prefix)
        with explained(container):
            client = self.service.get_container_client(container)
            asked: dict[str, Any] = {"name_starts_with": key or None, "include": ["metadata"]}
            for one in client.list_blobs(**asked) if deep else client.walk_blobs(delimiter="/", **asked):
                if isinstance(one, BlobPrefix):
                    yield f"{container}/{one.name}", None
                elif (one.metadata or {}).get("hdi_isfolder") == "true":
                    yield f"{container}/{one.name}/", None
                else:
                    yield f"{container}/{one.name}", int(one.size)

    def rm_files(self, paths: Sequence[str]) -> None:
        """Remove blobs, 256 with each request; those that stand for directories come last, the deepest first."""
        files = [path for path in paths if not path.endswith("/")]
        if len(files) == 1:
            self._delete(files[0])
            files = []
        for start in range(0, len(files), _MOST_DELETED):
            self._delete_many(files[start : start + _MOST_DELETED])
        for path in sorted({*paths} - {*files}, key=len, reverse=True):
            if path.endswith("/"):
                self._delete(path)
                self._delete(path.rstrip("/"))

    def _delete(self, path: str) -> None:
        with self.blob(path) as blob:
            try:
                blob.delete_blob()
            except ResourceNotFoundError:
                return

    def _delete_many(self, paths: Sequence[str]) -> None:
        container = split_place(paths[0])[0]
        with explained(container):
            client = self.service.get_container_client(container)
            keys = [split_place(path)[1] for path in paths]
            answers = list(client.delete_blobs(*keys, raise_on_any_failure=False))
        for key, answer in zip(keys, answers, strict=True):
            if answer.status_code not in {_ACCEPTED, _GONE}:
                where = f"at {container}/{key}"
                raise Unavailable(f"Azure did not delete a file {where} ({answer.status_code})", place=where)

    def close(self) -> None:
        """Give back connections."""
        self.service.close()


class _Download:
    """The bytes of a blob on their way, with our errors."""

    def __init__(self, stream: Any, path: str) -> None:
        self._stream, self._path = stream, path

    def read(self, size: int = -1, /) -> bytes:
        with explained(*split_place(self._path)):
            found: bytes = self._stream.read(size)
            return found

    def close(self) -> None:
        """Nothing: each piece was a request of its own."""


def described(path: str) -> ContentSettings | None:
    """What a new blob is said to contain."""
    kind, packing = mimetypes.guess_type(path, strict=False)
    return None if kind is None or packing else ContentSettings(content_type=kind)
