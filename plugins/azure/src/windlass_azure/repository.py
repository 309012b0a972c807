"""AzureArtifactRepository: files in Azure Blob Storage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self

from azure.core.exceptions import AzureError

from windlass.config import Settings
from windlass.interfaces import SignedRequest
from windlass.uri import Uri
from windlass_azure import uploads
from windlass_azure.account import blob_place, open_service
from windlass_azure.filesystem import AzureFileSystem
from windlass_azure.presigning import block_url, signed_url
from windlass_fsspec.parts import PartsArtifactRepository

_BLOCK_BLOB = {"x-ms-blob-type": "BlockBlob"}


class AzureArtifactRepository(PartsArtifactRepository):
    """Files below a path in a container of a storage account, be it a Data Lake or not."""

    fs: AzureFileSystem
    faults: ClassVar[tuple[type[Exception], ...]] = (AzureError,)
    least_part: int = uploads.LEAST_PART
    most_parts: int = uploads.MOST_PARTS

    @classmethod
    def open(cls, uri: Uri, settings: Settings) -> Self:
        """The repository below a path; nothing is asked of Azure yet."""
        place = blob_place(uri)
        fs = AzureFileSystem(open_service(place, settings))
        return cls(fs, f"{place.container}/{place.path}", name=str(uri))

    def begin_upload(self, path: str, count: int) -> str:
        """The id of a new upload."""
        return uploads.begin(self._full(path), count)

    def put_part(self, path: str, upload_id: str, number: int, data: bytes) -> str:
        """Store a part."""
        with self.translating(path):
            return uploads.put_part(self.fs, self._full(path), upload_id, number=number, data=data)

    def complete_upload(self, path: str, upload_id: str, marks: Mapping[int, str]) -> None:
        """Put the parts together."""
        with self.translating(path):
            uploads.complete(self.fs, self._full(path), upload_id, marks=marks)

    def abort_upload(self, path: str, upload_id: str) -> None:
        """Nothing: Azure forgets blocks that no blob has after a week, and cannot be told to do it sooner."""

    def presign_get(self, path: str, *, seconds: int) -> SignedRequest:
        """Fetching a file."""
        return SignedRequest(signed_url(self.fs, self._full(path), write=False, seconds=seconds))

    def presign_put(self, path: str, *, seconds: int) -> SignedRequest:
        """Storing a file whole."""
        return SignedRequest(signed_url(self.fs, self._full(path), write=True, seconds=seconds), _BLOCK_BLOB)

    def presign_part(self, path: str, upload_id: str, number: int, *, seconds: int) -> SignedRequest:
        """Storing one part."""
        url = signed_url(self.fs, self._full(path), write=True, seconds=seconds)
        return SignedRequest(block_url(url, uploads.block_name(upload_id, number)))
