"""PartsArtifactRepository: files as objects that may arrive in parts."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from windlass.errors import NotFound, WindlassError
from windlass.interfaces import FileWriter
from windlass.services.hashed_writer import HashedWriter
from windlass_fsspec.objects import ObjectArtifactRepository
from windlass_fsspec.part_writer import PIECE, PartWriter

_LARGE = 2 * PIECE
_AT_ONCE = 2


class PartsArtifactRepository(ObjectArtifactRepository):
    """Files in a bucket whose storage takes an object in parts; a subclass says how."""

    least_part: int
    most_parts: int

    @abstractmethod
    def begin_upload(self, path: str, count: int) -> str:
        """The id of a new upload."""

    @abstractmethod
    def put_part(self, path: str, upload_id: str, number: int, data: bytes) -> str:
        """Store a part; returns its mark."""

    @abstractmethod
    def complete_upload(self, path: str, upload_id: str, marks: Mapping[int, str]) -> None:
        """Put the parts together."""

    @abstractmethod
    def abort_upload(self, path: str, upload_id: str) -> None:
        """Throw the parts away."""

    def put_file(self, source: Path, path: str) -> None:
        """Store the local file: a small one with one request, a large one in parts."""
        if not source.is_file():
            raise NotFound(f"there is no file {str(source)!r}")
        if source.stat().st_size > _LARGE:
            self._put_in_parts(source, path)
        else:
            super().put_file(source, path)

    @contextmanager
    def write(self, path: str) -> Iterator[FileWriter]:
        """A stream to write the file to; it appears when the block ends."""
        writer = PartWriter(self, path)
        try:
            yield HashedWriter(writer)
            if writer.begun:
                writer.complete()
            else:
                with self.translating(path):
                    self.fs.pipe_file(self._full(path), writer.rest)
        except BaseException:
            with suppress(WindlassError):
                writer.abort()
            raise
        finally:
            writer.close()

    def _put_in_parts(self, source: Path, path: str) -> None:
        piece = max(PIECE, -(-source.stat().st_size // self.most_parts))
        count = -(-source.stat().st_size // piece)
        upload_id = self.begin_upload(path, count)

        def put(number: int) -> str:
            with source.open("rb") as file:
                file.seek((number - 1) * piece)
                return self.put_part(path, upload_id, number, file.read(piece))

        pool = ThreadPoolExecutor(_AT_ONCE)
        try:
            marks = dict(enumerate(pool.map(put, range(1, count + 1)), 1))
            self.complete_upload(path, upload_id, marks)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            with suppress(WindlassError):
                self.abort_upload(path, upload_id)
            raise
        finally:
            pool.shutdown()
