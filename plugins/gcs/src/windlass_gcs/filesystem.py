"""GcsFileSystem: the objects of Google Cloud Storage, on Google's client."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from google.api_core.exceptions import NotFound, RequestRangeNotSatisfiable
from google.cloud.storage import Blob, Client

from windlass_fsspec.bucket import Body, BucketFileSystem, split_place
from windlass_gcs.client import RETRY, TIMEOUT
from windlass_gcs.faults import explained

_PIECE = 16 << 20
_DELETED_AT_ONCE = 16
_FIELDS = "items(name,size),prefixes,nextPageToken"


class GcsFileSystem(BucketFileSystem):
    """Objects in Google Cloud Storage."""

    def __init__(self, client: Client) -> None:
        super().__init__()
        self.client = client

    @contextmanager
    def blob(self, path: str, **version: Any) -> Iterator[Blob]:
        """One object by its name, or a version of it; errors are ours."""
        bucket, key = split_place(path)
        with explained(bucket, key):
            yield self.client.bucket(bucket).blob(key, **version)

    def put_file(self, lpath: str, rpath: str, **_: Any) -> None:
        """Store a local file; a large one goes in pieces, and is there when the last one has come."""
        with self.blob(rpath, chunk_size=_PIECE) as blob:
            blob.upload_from_filename(lpath, content_type=_described(rpath), timeout=TIMEOUT, retry=RETRY)

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **_: Any) -> None:
        """Store bytes."""
        del mode
        with self.blob(path, chunk_size=_PIECE) as blob:
            blob.upload_from_string(value, content_type=_described(path), timeout=TIMEOUT, retry=RETRY)

    def get_file(self, rpath: str, lpath: str, **_: Any) -> None:
        """Fetch an object into a local file, and check its checksum."""
        with self.blob(rpath) as blob:
            blob.download_to_filename(lpath, timeout=TIMEOUT, retry=RETRY)

    def body(self, path: str) -> Body:
        """An object's bytes, piece by piece, of the version that there is now."""
        with self.blob(path) as blob:
            blob.reload(timeout=TIMEOUT, retry=RETRY)
            return _Download(self, path, int(blob.size), blob.generation)

    def cat_file(self, path: str, start: int | None = None, end: int | None = None, **version: Any) -> bytes:
        """A part of an object."""
        first = start or 0
        if end is not None and end <= first:
            return b""
        with self.blob(path, **version) as blob:
            try:
                last = None if end is None else end - 1
                found: bytes = blob.download_as_bytes(start=first, end=last, timeout=TIMEOUT, retry=RETRY)
            except RequestRangeNotSatisfiable:
                return b""
            return found

    def size(self, path: str) -> int:
        """How many bytes an object has."""
        with self.blob(path) as blob:
            blob.reload(timeout=TIMEOUT, retry=RETRY)
            return int(blob.size)

    def entries(self, prefix: str, *, deep: bool) -> Iterator[tuple[str, int | None]]:
        """Objects, a thousand with each request."""
        bucket, key = split_place(prefix)
        with explained(bucket):
            found = self.client.list_blobs(
                bucket, prefix=key, delimiter=None if deep else "/", fields=_FIELDS, timeout=TIMEOUT, retry=RETRY
            )
            for page in found.pages:
                for one in page:
                    yield f"{bucket}/{one.name}", int(one.size)
                for below in page.prefixes:
                    yield f"{bucket}/{below}", None

    def rm_files(self, paths: Sequence[str]) -> None:
        """Remove objects, several at once."""
        with ThreadPoolExecutor(_DELETED_AT_ONCE) as pool:
            list(pool.map(self._delete, paths))

    def _delete(self, path: str) -> None:
        with self.blob(path) as blob:
            try:
                blob.delete(timeout=TIMEOUT, retry=RETRY)
            except NotFound:
                return

    def close(self) -> None:
        """Give back connections."""
        self.client.close()


class _Download:
    """The bytes of one version of an object, fetched a piece ahead."""

    def __init__(self, fs: GcsFileSystem, path: str, size: int, generation: int | None) -> None:
        self._fs, self._path, self._size, self._generation = fs, path, size, generation
        self._at = 0
        self._piece = memoryview(b"")

    def read(self, size: int = -1, /) -> bytes:
        if not self._piece and self._at < self._size:
            end = min(self._at + _PIECE, self._size)
            self._piece = memoryview(self._fs.cat_file(self._path, self._at, end, generation=self._generation))
            self._at = end
        given = self._piece if size < 0 else self._piece[:size]
        self._piece = self._piece[len(given) :]
        return bytes(given)

    def close(self) -> None:
        """Forget what was fetched."""
        self._piece, self._at = memoryview(b""), self._size


def _described(path: str) -> str:
    """What a new object is said to contain."""
    kind, packing = mimetypes.guess_type(path, strict=False)
    return "application/octet-stream" if kind is None or packing else kind
