"""S3FileSystem: the objects of S3, on botocore."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from windlass.errors import Unavailable
from windlass_fsspec.bucket import Body, BucketFileSystem, split_place
from windlass_s3.faults import explained

_MOST_DELETED = 1_000


class S3FileSystem(BucketFileSystem):
    """Objects in S3. `extra` are arguments that every request gets which has a place for them."""

    def __init__(self, client: Any, *, extra: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self.client = client
        self._extra = dict(extra or {})

    def call(self, method: str, place: str, **arguments: Any) -> Any:
        """Call the client's `method` for `BUCKET/KEY`."""
        bucket, key = split_place(place)
        with explained(bucket, key):
            return getattr(self.client, method)(**self.arguments(method, place, **arguments))

    def arguments(self, method: str, place: str, **arguments: Any) -> dict[str, Any]:
        """What a method of the client is called with: bucket and key, the extra arguments and these."""
        known = self.shape(method).members
        bucket, key = split_place(place)
        given = {**self._extra, "Bucket": bucket, "Key": key, **arguments}
        if method in {"create_multipart_upload", "upload_part"}:
            # With an algorithm S3 wants the checksum of every part once more at the end; without it keeps its own.
            given.pop("ChecksumAlgorithm", None)
        return {name: value for name, value in given.items() if name in known}

    def shape(self, method: str) -> Any:
        """What the service says a method's request looks like."""
        meta = self.client.meta
        return meta.service_model.operation_model(meta.method_to_api_mapping[method]).input_shape

    def put_file(self, lpath: str, rpath: str, **_: Any) -> None:
        """Store a local file with one request."""
        self.pipe_file(rpath, Path(lpath).read_bytes())

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **_: Any) -> None:
        """Store bytes with one request."""
        del mode
        self.call("put_object", path, **self.described(path), Body=value)

    def described(self, path: str) -> dict[str, str]:
        """What a new object is said to contain, unless the extra arguments say something else."""
        kind, packing = mimetypes.guess_type(path, strict=False)
        return {} if kind is None or packing or "ContentType" in self._extra else {"ContentType": kind}

    def body(self, path: str) -> Body:
        """An object's bytes, as they come."""
        found: Body = self.call("get_object", path)["Body"]
        return found

    def cat_file(self, path: str, start: int | None = None, end: int | None = None, **_: Any) -> bytes:
        """A part of an object."""
        first = start or 0
        if end is not None and end <= first:
            return b""
        asked = f"bytes={first}-{'' if end is None else end - 1}"
        with explained(*split_place(path)):
            try:
                body = self.client.get_object(**self.arguments("get_object", path, Range=asked))["Body"]
            except self.client.exceptions.ClientError as error:
                if error.response["Error"].get("Code") == "InvalidRange":
                    return b""
                raise
            try:
                found: bytes = body.read()
                return found
            finally:
                body.close()

    def size(self, path: str) -> int:
        """How many bytes an object has."""
        return int(self.call("head_object", path)["ContentLength"])

    def entries(self, prefix: str, *, deep: bool) -> Iterator[tuple[str, int | None]]:
        """Objects, a thousand with each request."""
        bucket, key = split_place(prefix)
        asked = {"Prefix": key} if deep else {"Prefix": key, "Delimiter": "/"}
        while True:
            page = self.call("list_objects_v2", bucket, **asked)
            for one in page.get("CommonPrefixes", ()):
                yield f"{bucket}/{one['Prefix']}", None
            for one in page.get("Contents", ()):
                yield f"{bucket}/{one['Key']}", int(one["Size"])
            if not page.get("IsTruncated"):
                return
            asked["ContinuationToken"] = page["NextContinuationToken"]

    def rm_files(self, paths: Sequence[str]) -> None:
        """Remove objects, a thousand with each request."""
        if len(paths) == 1:
            self.call("delete_object", paths[0])
            return
        for start in range(0, len(paths), _MOST_DELETED):
            self._delete(paths[start : start + _MOST_DELETED])

    def _delete(self, paths: Sequence[str]) -> None:
        keys = [{"Key": split_place(path)[1]} for path in paths]
        answer = self.call("delete_objects", split_place(paths[0])[0], Delete={"Objects": keys, "Quiet": True})
        for error in answer.get("Errors", ()):
            said = f"{error.get('Code', '')} {error.get('Message', '')}".strip()
            raise Unavailable(f"S3 did not delete {error.get('Key')!r}: {said}")

    def close(self) -> None:
        """Give back connections."""
        self.client.close()
