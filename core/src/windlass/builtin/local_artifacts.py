"""LocalArtifactRepository: files in a directory of this machine."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from pathlib import Path
from typing import BinaryIO, Self

from windlass.config import Settings
from windlass.entities import FileInfo
from windlass.errors import InvalidValue, NotFound, Unavailable
from windlass.interfaces import ArtifactRepository
from windlass.uri import Uri

_MARK = ".windlass-"
_PART = ".part"
_ATTEMPTS = 3
_BAD_NAME = frozenset({errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ})


class LocalArtifactRepository(ArtifactRepository):
    """Files below a local directory.

    A file is written beside its place under a hidden name and moved there when it is complete and on disk. A symbolic
    link that leads out of the directory is not followed, and not listed.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()

    @classmethod
    def open(cls, uri: Uri, settings: Settings) -> Self:
        """The repository below a path or a `file:` URI."""
        del settings
        return cls(uri.local_path())

    def put_file(self, source: Path, path: str) -> None:
        """Store the local file `source` as `path`; NotFound if there is no such local file."""
        if not source.is_file():
            raise NotFound(f"there is no file {str(source)!r}")
        try:
            _store(source, self._target(path))
        except OSError as error:
            raise self._refusal(error, path) from error

    def get_file(self, path: str, destination: Path) -> None:
        """Copy `path` to the local file `destination`."""
        part = destination.with_name(f"{_MARK}{secrets.token_hex(8)}{_PART}")
        try:
            with self.read(path) as source, part.open("xb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
            part.replace(destination)
        finally:
            part.unlink(missing_ok=True)

    def read(self, path: str) -> BinaryIO:
        """A stream of the file's bytes."""
        try:
            place = self._place(path)
            if not place.is_file():
                raise NotFound(f"there is no file {path!r} in {self._root.as_uri()}")
            return place.open("rb")
        except OSError as error:
            raise self._refusal(error, path) from error

    def list(self, path: str = "") -> list[FileInfo]:
        """What is directly inside the directory."""
        prefix = f"{path.strip('/')}/" if path.strip("/") else ""
        try:
            place = self._place(path)
            if not place.is_dir():
                return []
            with os.scandir(place) as entries:
                shown = [entry for entry in entries if not _is_part(entry.name) and self._is_inside(entry)]
                infos = [_info(entry, prefix) for entry in shown]
        except FileNotFoundError:
            # Removed while we were looking.
            return []
        except OSError as error:
            raise self._refusal(error, path) from error
        return sorted(info for info in infos if info is not None)

    def stat(self, path: str) -> FileInfo:
        """The file or directory at `path`."""
        try:
            place = self._place(path)
            if place.is_dir():
                return FileInfo(path, is_dir=True)
            if not place.is_file():
                raise NotFound(f"there is no file or directory {path!r} in {self._root.as_uri()}")
            return FileInfo(path, is_dir=False, file_size=place.stat().st_size)
        except OSError as error:
            raise self._refusal(error, path) from error

    def delete(self, path: str) -> None:
        """Remove a file, or a directory with all below it; directories that are empty then go with it."""
        place = self._root / path
        try:
            if place.is_symlink() or place.is_file():
                self._inside(place.parent, path)
                place.unlink(missing_ok=True)
            elif self._place(path).is_dir():
                shutil.rmtree(place, ignore_errors=False)
            self._drop_empty(place.parent)
        except FileNotFoundError:
            # Somebody else removed it meanwhile, which is what was wanted.
            return
        except OSError as error:
            raise self._refusal(error, path) from error

    def _target(self, path: str) -> Path:
        place = self._root / path
        if not path.strip("/") or place.is_dir():
            raise InvalidValue("path", path, "is a directory, so no file can be stored there")
        self._inside(place.parent, path)
        return place

    def _place(self, path: str) -> Path:
        return self._inside(self._root / path, path)

    def _inside(self, place: Path, path: str) -> Path:
        """The place, unless symbolic links lead out of the tree from there."""
        if not place.resolve().is_relative_to(self._root.resolve()):
            raise InvalidValue("path", path, "leads out of the artifacts by a symbolic link")
        return place

    def _is_inside(self, entry: os.DirEntry[str]) -> bool:
        return not entry.is_symlink() or Path(entry.path).resolve().is_relative_to(self._root.resolve())

    def _drop_empty(self, directory: Path) -> None:
        while directory != self._root and self._root in directory.parents:
            try:
                directory.rmdir()
            except OSError:
                return
            directory = directory.parent

    def _refusal(self, error: OSError, path: str) -> InvalidValue | Unavailable:
        if isinstance(error, FileExistsError | NotADirectoryError | IsADirectoryError):
            return InvalidValue("path", path, "a file stands where a directory is needed, or the other way round")
        if error.errno in _BAD_NAME:
            return InvalidValue("path", path, f"the file system refuses the name: {error.strerror}")
        return Unavailable(f"the file system refuses {path!r}: {error.strerror or type(error).__name__}")


def _store(source: Path, target: Path) -> None:
    part = target.with_name(f"{_MARK}{secrets.token_hex(8)}{_PART}")
    for attempt in range(_ATTEMPTS):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            _copy(source, part)
            part.replace(target)
        except FileNotFoundError:
            # Deleting the last file nearby takes the directory away, maybe just now.
            if attempt == _ATTEMPTS - 1:
                raise
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        else:
            return


def _copy(source: Path, part: Path) -> None:
    with source.open("rb") as stream, part.open("xb") as target:
        shutil.copyfileobj(stream, target, 1 << 20)
        target.flush()
        os.fsync(target.fileno())


def _is_part(name: str) -> bool:
    return name.startswith(_MARK) and name.endswith(_PART)


def _info(entry: os.DirEntry[str], prefix: str) -> FileInfo | None:
    try:
        if entry.is_dir():
            return FileInfo(prefix + entry.name, is_dir=True)
        return FileInfo(prefix + entry.name, is_dir=False, file_size=entry.stat().st_size)
    except OSError:
        # It went away while we were looking, or it is a link to nothing.
        return None
