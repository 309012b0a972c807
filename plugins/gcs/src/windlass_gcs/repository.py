"""GcsArtifactRepository: files in Google Cloud Storage."""

from __future__ import annotations

from typing import ClassVar, Self

from windlass.config import Settings
from windlass.interfaces import SignedRequest
from windlass.uri import Uri
from windlass_fsspec.bucket import place_of
from windlass_fsspec.objects import ObjectArtifactRepository
from windlass_gcs.client import open_client
from windlass_gcs.faults import FAULTS
from windlass_gcs.filesystem import GcsFileSystem
from windlass_gcs.presigning import presign


class GcsArtifactRepository(ObjectArtifactRepository):
    """Files below `gs://BUCKET/PREFIX`."""

    fs: GcsFileSystem
    faults: ClassVar[tuple[type[Exception], ...]] = FAULTS

    @classmethod
    def open(cls, uri: Uri, settings: Settings) -> Self:
        """The repository below a prefix of a bucket; nothing is asked of Google yet but who we are."""
        bucket, prefix = place_of(uri)
        return cls(GcsFileSystem(open_client(settings)), f"{bucket}/{prefix}", name=str(uri))

    def presign_get(self, path: str, *, seconds: int) -> SignedRequest:
        """Fetching a file; Unsupported if the credentials cannot sign."""
        return presign(self.fs, "GET", self._full(path), seconds=seconds)

    def presign_put(self, path: str, *, seconds: int) -> SignedRequest:
        """Storing a file whole; Unsupported if the credentials cannot sign."""
        return presign(self.fs, "PUT", self._full(path), seconds=seconds)
