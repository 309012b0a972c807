"""What an artifact repository may be able to do beyond what each of them does; who moves files asks for it.

Paths are those of `ArtifactRepository`. Whatever moves the bytes tries again by itself: an implementation makes one
attempt, and raises Unavailable where another one may go better.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from windlass.entities import FileInfo


@runtime_checkable
class ReadsRanges(Protocol):
    """Reads parts of files, so that large ones come in parallel and go on where they broke off."""

    def read_range(self, path: str, start: int, end: int) -> bytes:
        """The bytes from `start` to before `end`, fewer where the file ends sooner; NotFound if there is none."""
        ...


class FileWriter(Protocol):
    """A file that is being written."""

    def write(self, data: bytes, /) -> int:
        """Write all of it; the number of bytes."""
        ...

    @property
    def sha256(self) -> str:
        """The SHA-256 of what has been written, as 64 hex digits."""
        ...


@runtime_checkable
class WritesStreams(Protocol):
    """Takes a file from whoever has it piece by piece, without a copy on disk in between."""

    def write(self, path: str) -> AbstractContextManager[FileWriter]:
        """A stream to write the file to; it appears when the block ends, and leaves nothing if the block raises."""
        ...


@runtime_checkable
class MovesWhole(Protocol):
    """Moves a file of any size in one go, and tells how far it is.

    `moved` is called with the bytes of each piece; where an attempt breaks off, with those of all of them, negative.
    """

    def put_whole(self, source: Path, path: str, moved: Callable[[int], None]) -> bool:
        """Store the local file; False, and nothing has happened, where it had better come in parts."""
        ...

    def get_whole(self, path: str, destination: Path, moved: Callable[[int], None]) -> None:
        """Fetch the file into a local one; NotFound if there is none."""
        ...


@runtime_checkable
class StoresMany(Protocol):
    """Stores many small files at once in less time than one by one; together they fit into memory."""

    def put_files(self, files: Sequence[tuple[Path, str]]) -> None:
        """Store each local file as its path; each appears whole or not at all, and when this returns all of them."""
        ...


@runtime_checkable
class FetchesMany(Protocol):
    """Fetches many small files at once in less time than one by one."""

    def get_files(self, files: Sequence[tuple[str, Path]]) -> None:
        """Fetch each path into its local file, whose directory exists; NotFound if one of them is missing."""
        ...


@runtime_checkable
class ListsTrees(Protocol):
    """Lists all files below a directory at once."""

    def tree(self, path: str = "") -> Iterable[FileInfo]:
        """Every file below the directory, sorted by path; empty if it is missing or a file."""
        ...


@runtime_checkable
class KnowsDigests(Protocol):
    """Remembers what files were when they were stored."""

    def sha256(self, path: str) -> str | None:
        """The SHA-256 that was noted when the file was stored, as 64 hex digits; None if none was."""
        ...


@runtime_checkable
class UploadsParts(Protocol):
    """Takes large files in parts, which may come in any order, several at once, and again; numbers count from 1.

    All parts but the last have at least `least_part` bytes, and there are at most `most_parts`. An upload is known by
    its id in every process.
    """

    least_part: int
    most_parts: int

    def begin_upload(self, path: str, count: int) -> str:
        """The id of a new upload of so many parts, which nobody can guess; nothing is seen of it until it is completed.

        All parts but the last must be of one size.
        """
        ...

    def put_part(self, path: str, upload_id: str, number: int, data: bytes) -> str:
        """Store a part; returns its mark, which completing needs."""
        ...

    def complete_upload(self, path: str, upload_id: str, marks: Mapping[int, str]) -> None:
        """Put the parts together, by number; NotFound if there is no such upload."""
        ...

    def abort_upload(self, path: str, upload_id: str) -> None:
        """Throw away what was uploaded; nothing happens if there is no such upload."""
        ...


@runtime_checkable
class StreamsParts(Protocol):
    """Takes the parts of an upload from whoever has them piece by piece, without holding them in memory."""

    def write_part(self, path: str, upload_id: str, number: int, size: int) -> AbstractContextManager[FileWriter]:
        """A stream to write a part of so many bytes to; the part counts when the block ends, its SHA-256 is its mark.

        InvalidValue if more or fewer bytes are written.
        """
        ...


@runtime_checkable
class FindsLeftovers(Protocol):
    """Knows what uploads left in it which broke off, and which no listing shows."""

    def leftovers(self, seconds: int) -> Iterable[FileInfo]:
        """What nobody has written to for so many seconds, with its bytes; the paths are for `drop_leftover`."""
        ...

    def drop_leftover(self, path: str) -> None:
        """Remove one of them; nothing happens if it is gone."""
        ...


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request that whoever has it may make for a while: GET to fetch, PUT to store, with these headers."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)


@runtime_checkable
class PresignsUrls(Protocol):
    """Lets others fetch and store single files for `seconds`, without credentials of their own."""

    def presign_get(self, path: str, *, seconds: int) -> SignedRequest:
        """Fetching a file."""
        ...

    def presign_put(self, path: str, *, seconds: int) -> SignedRequest:
        """Storing a file whole."""
        ...


@runtime_checkable
class PresignsParts(Protocol):
    """Lets others store the parts of an upload; the answer to each has the part's mark as its ETag."""

    def presign_part(self, path: str, upload_id: str, number: int, *, seconds: int) -> SignedRequest:
        """Storing one part."""
        ...
