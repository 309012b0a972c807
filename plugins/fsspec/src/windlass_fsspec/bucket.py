"""BucketFileSystem: objects by name, as a file system."""

from __future__ import annotations

import shutil
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol
from urllib.parse import urlsplit

from fsspec import AbstractFileSystem

from windlass.errors import InvalidValue
from windlass.uri import Uri

_PIECE = 1 << 20


class Body(Protocol):
    """The bytes of an object on their way."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, at most `size`; none at the end."""
        ...

    def close(self) -> None:
        """Give the connection back."""
        ...


class BucketFileSystem(AbstractFileSystem):  # type: ignore[misc]  # fsspec has no types
    """A store of objects as a file system, on the vendor's own client, in which a name stands for itself alone.

    Paths are `BUCKET/KEY`. A directory is what has objects below it; an object whose key ends with a slash stands for a
    directory, too. Missing objects are FileNotFoundError. An implementation has the abstract methods.
    """

    cachable: ClassVar[bool] = False

    @abstractmethod
    def put_file(self, lpath: str, rpath: str, **_: Any) -> None:
        """Store a local file; the object is there when all of it is."""

    @abstractmethod
    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **_: Any) -> None:
        """Store bytes; the object is there when all of it is."""

    @abstractmethod
    def body(self, path: str) -> Body:
        """An object's bytes, all of the same version of it."""

    @abstractmethod
    def cat_file(self, path: str, start: int | None = None, end: int | None = None, **_: Any) -> bytes:
        """The bytes from `start` to before `end`, fewer where the object ends sooner."""

    @abstractmethod
    def size(self, path: str) -> int:
        """How many bytes an object has."""

    @abstractmethod
    def entries(self, prefix: str, *, deep: bool) -> Iterator[tuple[str, int | None]]:
        """The paths that begin with `prefix`, and their sizes.

        Unless `deep`, those that have a slash after it are left out, and what they have up to it is told once, with no
        size.
        """

    @abstractmethod
    def rm_files(self, paths: Sequence[str]) -> None:
        """Remove objects, with few requests; nothing happens for those that are missing.

        A path with a slash at its end is an object that stands for a directory.
        """

    def ls(self, path: str, detail: bool = True, **_: Any) -> list[Any]:  # noqa: FBT001, FBT002  as fsspec has it
        """What is directly inside a directory."""
        prefix = f"{path}/"
        # A directory may come again with each page.
        entries = dict.fromkeys(self.entries(prefix, deep=False))
        found = [_entry(name, size) for name, size in entries if name != prefix]
        return found if detail else [entry["name"] for entry in found]

    def find(self, path: str, **_: Any) -> dict[str, dict[str, Any]]:
        """Every object below a directory, also those that stand for directories."""
        return {name: _entry(name, size) for name, size in self.entries(f"{path}/", deep=True)}

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """The object or directory at a path."""
        try:
            return _entry(path, self.size(path))
        except FileNotFoundError:
            if next(self.entries(f"{path}/", deep=False), None) is None:
                raise
            return _entry(f"{path}/", None)

    def get_file(self, rpath: str, lpath: str, **_: Any) -> None:
        """Fetch an object into a local file."""
        body = self.body(rpath)
        try:
            with Path(lpath).open("wb") as target:
                shutil.copyfileobj(body, target, _PIECE)
        finally:
            body.close()

    def rm_file(self, path: str) -> None:
        """Remove an object."""
        self.rm_files([path])

    def close(self) -> None:
        """Give back connections."""


def split_place(path: str) -> tuple[str, str]:
    """The bucket and the key of `BUCKET/KEY`."""
    bucket, _, key = path.partition("/")
    return bucket, key


def place_of(uri: Uri) -> tuple[str, str]:
    """What stands for the host in a URI, and the path after it without slashes at its ends, as typed.

    Other clients do not decode escapes in the URIs of objects, and all must find the same ones.
    """
    parts = urlsplit(uri.text)
    if parts.query or parts.fragment:
        raise InvalidValue("uri", str(uri), "must have neither `?` nor `#`")
    if not parts.netloc:
        raise InvalidValue("uri", str(uri), "must name a bucket", hint=f"write {uri.scheme}://BUCKET/PATH")
    return parts.netloc, parts.path.strip("/")


def _entry(name: str, size: int | None) -> dict[str, Any]:
    is_dir = size is None or name.endswith("/")
    return {"name": name, "size": size, "type": "directory" if is_dir else "file"}
