"""FsspecArtifactRepository: files below a path of any fsspec file system."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

from fsspec import AbstractFileSystem

from windlass.entities import FileInfo
from windlass.errors import InvalidValue, NotFound, PermissionDenied, Unavailable
from windlass.interfaces import ArtifactRepository
from windlass.part_file import arriving, is_part, part_name

_READ_AHEAD = 8 << 20
_AT_ONCE = 8
_ATTEMPTS = 3


class FsspecArtifactRepository(ArtifactRepository):
    """Files below `root`, a path as the file system writes it, without a slash at the end.

    What a kind of storage does is said by a subclass: its `open` makes the file system, without caches of listings or
    instances. `has_directories` is for storage with real directories: there a file is written under a hidden name and
    moved into place, and directories that become empty are removed; elsewhere an object appears when it is complete.
    `faults` are the errors of its driver besides OSError.
    """

    has_directories: ClassVar[bool] = False
    faults: ClassVar[tuple[type[Exception], ...]] = ()

    def __init__(self, fs: AbstractFileSystem, root: str, *, name: str) -> None:
        self.fs = fs
        self._root = root.rstrip("/")
        self._name = name
        self._has_root = False

    def put_file(self, source: Path, path: str) -> None:
        """Store the local file `source` as `path`."""
        if not source.is_file():
            raise NotFound(f"there is no file {str(source)!r}")
        with self.translating(path):
            if not self.has_directories:
                self.fs.put_file(str(source), self._full(path))
                return
            with self._arriving(path) as part:
                self.fs.put_file(str(source), part)

    def get_file(self, path: str, destination: Path) -> None:
        """Fetch `path`; it appears at `destination` when it is complete."""
        with arriving(destination) as part, self.translating(path):
            self.fetch(path, part)

    def fetch(self, path: str, part: Path) -> None:
        """Copy a file to a local one; a storage that tells directories from files by itself overrides this."""
        self._file(path)
        self.fs.get_file(self._full(path), str(part))

    def read(self, path: str) -> BinaryIO:
        """A stream of the file's bytes, read ahead in pieces of 8 MiB."""
        with self.translating(path):
            size = self._file(path).file_size
            stream = self.fs.open(
                self._full(path),
                "rb",
                block_size=_READ_AHEAD,
                cache_type="readahead",
                **({"size": size} if size else {}),
            )
        return io.BufferedReader(TranslatedStream(stream, self, path))

    def read_range(self, path: str, start: int, end: int) -> bytes:
        """A part of the file."""
        with self.translating(path):
            found: bytes = self.fs.cat_file(self._full(path), start=start, end=end)
            return found

    def list(self, path: str = "") -> list[FileInfo]:
        """What is directly inside the directory."""
        place = self._full(path)
        with self.translating(path), suppress(FileNotFoundError, NotADirectoryError):
            found = [self._info(one) for one in self._entries(place)]
            # Some list a file as itself, and some have objects that stand for directories.
            return sorted(one for one in found if one.path not in {"", path} and not is_part(one.path))
        return []

    def tree(self, path: str = "") -> Sequence[FileInfo]:
        """Every file below the directory."""
        with self.translating(path), suppress(FileNotFoundError, NotADirectoryError):
            found = [self._info(one) for one in self.fs.find(self._full(path), detail=True).values()]
            return sorted(
                one for one in found if one.path not in {"", path} and not one.is_dir and not is_part(one.path)
            )
        return []

    def stat(self, path: str) -> FileInfo:
        """The file or directory at `path`."""
        if not path:
            return FileInfo(path, is_dir=True)
        with self.translating(path):
            found = self._info(self.fs.info(self._full(path)))
        return FileInfo(path, found.is_dir, found.file_size)

    def delete(self, path: str) -> None:
        """Remove a file, or a directory with all below it."""
        with suppress(NotFound), self.translating(path):
            if path and not self.stat(path).is_dir:
                self.fs.rm_file(self._full(path))
            else:
                self._delete_below(path)
            if self.has_directories:
                self._drop_empty(path.rpartition("/")[0])

    def _delete_below(self, path: str) -> None:
        # Not `rm`, for which `*` and `[` in names stand for other names.
        found = self.fs.find(self._full(path), withdirs=self.has_directories, detail=True)
        files = [name for name, info in found.items() if info["type"] != "directory"]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(self._remove, files))
        if self.has_directories:
            for name in sorted({*found} - {*files} | {self._full(path)}, key=len, reverse=True):
                if name.rstrip("/") != self._root:
                    self.fs.rmdir(name)

    def _remove(self, name: str) -> None:
        with suppress(FileNotFoundError):
            self.fs.rm_file(name)

    @contextmanager
    def _arriving(self, path: str) -> Iterator[str]:
        """A hidden name for a new file; what was written there is moved to its place at the end of the block."""
        if not path:
            raise _not_a_file(path)
        # At the root: beside its place it would keep a directory to be seen where an upload is killed.
        part = f"{self._root}/{part_name()}"
        try:
            if not self._has_root:
                self.fs.makedirs(self._root, exist_ok=True)
                self._has_root = True
            yield part
            self._place(part, path)
        except BaseException:
            self._has_root = False
            with suppress(Exception):
                self.fs.rm_file(part)
            raise

    def _place(self, part: str, path: str) -> None:
        place = self._full(path)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                self.replace(part, place)
            except FileNotFoundError:
                # It is the first file there, or somebody has just deleted the last one and the directory with it.
                if attempt == _ATTEMPTS:
                    raise
                self.fs.makedirs(place.rpartition("/")[0], exist_ok=True)
            except self._errors() as error:
                if self._is_directory(place):
                    raise _not_a_file(path) from error
                raise
            else:
                return

    def replace(self, source: str, target: str) -> None:
        """Move a file into the place of another one; a storage that can do that in one step overrides this."""
        # Not `mv`, for which `*` and `[` in names stand for other names.
        self.fs.cp_file(source, target)
        self.fs.rm_file(source)

    def _entries(self, place: str) -> Sequence[dict[str, Any]]:
        """What the file system says is in a directory; a storage that has links overrides this."""
        found: Sequence[dict[str, Any]] = self.fs.ls(place, detail=True)
        return found

    def _is_directory(self, place: str) -> bool:
        try:
            return bool(self.fs.info(place)["type"] == "directory")
        except FileNotFoundError:
            return False

    def _drop_empty(self, path: str) -> None:
        while path:
            try:
                self.fs.rmdir(self._full(path))
            except self._errors():
                return
            path = path.rpartition("/")[0]

    def _file(self, path: str) -> FileInfo:
        found = self.stat(path)
        if found.is_dir:
            text = f"there is no file {path!r} in the storage {self._name}: it is a directory"
            raise NotFound(text, place=self._name)
        return found

    def _full(self, path: str) -> str:
        return f"{self._root}/{path}" if path else self._root

    def _info(self, entry: dict[str, Any]) -> FileInfo:
        name = str(entry["name"]).rstrip("/")
        root = self._root.lstrip("/")
        path = name.lstrip("/").removeprefix(root).lstrip("/")
        is_dir = entry["type"] == "directory"
        size = entry.get("size")
        return FileInfo(path, is_dir, None if is_dir or size is None else int(size))

    def _errors(self) -> tuple[type[Exception], ...]:
        return (OSError, *self.faults)

    @contextmanager
    def translating(self, path: str) -> Iterator[None]:
        """Errors of the storage as ours."""
        try:
            yield
        except FileNotFoundError as error:
            text = f"there is no file or directory {path!r} in the storage {self._name}"
            raise NotFound(text, place=self._name) from error
        except PermissionError as error:
            raise PermissionDenied(
                f"we may not touch {path!r} in the storage {self._name}",
                hint="check the credentials",
                place=self._name,
            ) from error
        except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
            problem = "a file stands where a directory is needed, or the other way round"
            raise InvalidValue("path", path, problem) from error
        except self._errors() as error:
            raise Unavailable(
                f"the storage {self._name} does not answer as it should: {_reason(error)}", place=self._name
            ) from error


class TranslatedStream(io.RawIOBase):
    """A file of the file system whose errors are ours."""

    def __init__(self, stream: Any, repository: FsspecArtifactRepository, path: str) -> None:
        self._stream, self._repository, self._path = stream, repository, path

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read some bytes into a buffer; how many."""
        with self._repository.translating(self._path):
            piece = self._stream.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        """Give the connection back."""
        if not self.closed:
            self._stream.close()
        super().close()


def _not_a_file(path: str) -> InvalidValue:
    return InvalidValue("path", path, "is a directory, so no file can be stored there")


def _reason(error: Exception) -> str:
    return str(error).partition("\n")[0][:300] or type(error).__name__
