"""S3ArtifactRepository: files in S3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Self

from botocore.exceptions import BotoCoreError

from windlass.config import Settings
from windlass.entities import FileInfo
from windlass.interfaces import SignedRequest
from windlass.uri import Uri
from windlass_fsspec.bucket import place_of
from windlass_fsspec.parts import PartsArtifactRepository
from windlass_s3 import abandoned, uploads
from windlass_s3.client import open_client
from windlass_s3.faults import explained
from windlass_s3.filesystem import S3FileSystem
from windlass_s3.presigning import presign


class S3ArtifactRepository(PartsArtifactRepository):
    """Files below `s3://BUCKET/PREFIX`, in Amazon's S3 or any server that speaks its protocol."""

    fs: S3FileSystem
    faults: ClassVar[tuple[type[Exception], ...]] = (BotoCoreError,)
    least_part: int = uploads.LEAST_PART
    most_parts: int = uploads.MOST_PARTS

    @classmethod
    def open(cls, uri: Uri, settings: Settings) -> Self:
        """The repository below a prefix of a bucket; nothing is asked of S3 yet."""
        bucket, prefix = place_of(uri)
        extra = dict(settings.s3_upload_extra_args or {})
        if settings.s3_expected_bucket_owner:
            extra["ExpectedBucketOwner"] = settings.s3_expected_bucket_owner
        with explained(bucket):
            fs = S3FileSystem(open_client(settings), extra=extra)
        return cls(fs, f"{bucket}/{prefix}", name=str(uri))

    def begin_upload(self, path: str, count: int) -> str:
        """The id of a new upload."""
        with self.translating(path):
            return uploads.begin(self.fs, self._full(path), count)

    def put_part(self, path: str, upload_id: str, number: int, data: bytes) -> str:
        """Store a part."""
        with self.translating(path):
            return uploads.put_part(self.fs, self._full(path), upload_id, number=number, data=data)

    def complete_upload(self, path: str, upload_id: str, marks: Mapping[int, str]) -> None:
        """Put the parts together."""
        with self.translating(path):
            uploads.complete(self.fs, self._full(path), upload_id, marks=marks)

    def abort_upload(self, path: str, upload_id: str) -> None:
        """Throw the parts away."""
        with self.translating(path):
            uploads.abort(self.fs, self._full(path), upload_id)

    def leftovers(self, seconds: int) -> Iterator[FileInfo]:
        """Uploads that nobody has completed; the parts of them cost what files cost."""
        with self.translating(""):
            for place, upload_id, size in abandoned.uploads(self.fs, self._full(""), seconds=seconds):
                yield self._info({"name": f"{place}#{upload_id}", "size": size, "type": "file"})

    def drop_leftover(self, path: str) -> None:
        """Throw away the parts of one of them."""
        place, _, upload_id = path.rpartition("#")
        self.abort_upload(place, upload_id)

    def presign_get(self, path: str, *, seconds: int) -> SignedRequest:
        """Fetching a file."""
        return presign(self.fs, "get_object", self._full(path), seconds=seconds)

    def presign_put(self, path: str, *, seconds: int) -> SignedRequest:
        """Storing a file whole."""
        return presign(self.fs, "put_object", self._full(path), seconds=seconds)

    def presign_part(self, path: str, upload_id: str, number: int, *, seconds: int) -> SignedRequest:
        """Storing one part."""
        arguments = {"UploadId": upload_id, "PartNumber": number}
        return presign(self.fs, "upload_part", self._full(path), seconds=seconds, **arguments)
