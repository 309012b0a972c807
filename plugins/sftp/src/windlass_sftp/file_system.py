"""SftpFileSystem: the files of an SFTP server, for several threads at once."""

from __future__ import annotations

import errno
import stat
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

import paramiko
from fsspec import AbstractFileSystem

from windlass.errors import InvalidValue
from windlass_fsspec.session_pool import SessionPool
from windlass_sftp.session import SftpSession
from windlass_sftp.stream import REQUESTS, SftpReader, SftpWriter, read_at

R = TypeVar("R")


class SftpFileSystem(AbstractFileSystem):  # type: ignore[misc]  # fsspec has no type information
    """What is at and below `root`; what symbolic links lead to elsewhere is refused.

    A listing says `link` for a symbolic link, and leaves it to the caller to follow it. The driver that fsspec brings
    has one connection for all threads, and trusts every server.
    """

    cachable = False

    def __init__(self, pool: SessionPool[SftpSession], root: str) -> None:
        super().__init__(use_listings_cache=False)
        self._pool = pool
        self._root = root
        self._real_root: str | None = None

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """What is at the path, or where a link there leads."""
        return self._read(path, lambda sftp: _entry(path, sftp.stat(path)))

    def ls(self, path: str, detail: bool = True, **_: Any) -> list[Any]:  # noqa: FBT001, FBT002  fsspec's signature
        """What is directly inside a directory."""
        found = self._read(path, lambda sftp: _listing(sftp, path))
        return found if detail else [one["name"] for one in found]

    def is_link(self, path: str) -> bool:
        """Whether there is a symbolic link at the path."""
        return self._pool.read(lambda session: stat.S_ISLNK(session.sftp.lstat(path).st_mode or 0))

    def makedirs(self, path: str, exist_ok: bool = False) -> None:  # noqa: FBT001, FBT002  fsspec's signature
        """Make a directory and those above it."""
        path = path or "/"
        with self._pool.session() as session:
            if not _make(session.sftp, path) and not exist_ok:
                raise FileExistsError(errno.EEXIST, "there is something already", path)
            self._check(session.sftp, path)

    def rmdir(self, path: str) -> None:
        """Remove an empty directory."""
        with self._pool.session() as session:
            session.sftp.rmdir(path)

    def rm_file(self, path: str) -> None:
        """Remove a file, or a link."""
        with self._pool.session() as session:
            session.sftp.remove(path)

    def replace(self, source: str, target: str) -> None:
        """Move a file into the place of another one, in one step where the server has OpenSSH's extension for that."""
        with self._pool.session() as session:
            self._check(session.sftp, target.rpartition("/")[0] or "/")
            try:
                session.sftp.posix_rename(source, target)
            except OSError as error:
                if "unsupported" not in str(error).lower():
                    raise
                with suppress(FileNotFoundError):
                    session.sftp.remove(target)
                session.sftp.rename(source, target)

    def put_file(self, lpath: str, rpath: str, **_: Any) -> None:
        """Send a file, and see that all has arrived."""
        with self._pool.session() as session:
            session.sftp.put(lpath, rpath)

    def get_file(self, rpath: str, lpath: str, **_: Any) -> None:
        """Fetch a file, and see that all has arrived."""
        self._read(rpath, lambda sftp: sftp.get(rpath, lpath, max_concurrent_prefetch_requests=REQUESTS))

    def cat_file(self, path: str, start: int | None = None, end: int | None = None, **_: Any) -> bytes:
        """A part of a file, or all of it."""

        def read(sftp: paramiko.SFTPClient) -> bytes:
            with sftp.open(path, "rb") as file:
                size = file.stat().st_size or 0
                return read_at(file, start or 0, size if end is None else min(end, size))

        return self._read(path, read)

    def _open(self, path: str, mode: str = "rb", block_size: int | None = None, **options: Any) -> Any:
        session = self._pool.take()
        try:
            if mode == "wb":
                return SftpWriter(self._pool, session, session.sftp.open(path, mode))
            self._check(session.sftp, path)
            held = (self._pool, session, session.sftp.open(path, mode))
            return SftpReader(self, path, held=held, block_size=block_size, **options)
        except BaseException as error:
            self._pool.give_back(session, error)
            raise

    def _read(self, path: str, do: Callable[[paramiko.SFTPClient], R]) -> R:
        def checked(session: SftpSession) -> R:
            self._check(session.sftp, path)
            return do(session.sftp)

        return self._pool.read(checked)

    def _check(self, sftp: paramiko.SFTPClient, path: str) -> None:
        """Refuse what lies elsewhere in truth."""
        if self._real_root is None:
            self._real_root = sftp.normalize(self._root).rstrip("/")
        if not f"{sftp.normalize(path).rstrip('/')}/".startswith(f"{self._real_root}/"):
            relative = path.removeprefix(self._root).lstrip("/")
            raise InvalidValue("path", relative, "leads out of the artifacts by a symbolic link")


def _entry(name: str, found: paramiko.SFTPAttributes) -> dict[str, Any]:
    mode = found.st_mode or 0
    kind = "directory" if stat.S_ISDIR(mode) else "link" if stat.S_ISLNK(mode) else "file"
    return {"name": name, "type": kind, "size": found.st_size, "mtime": found.st_mtime}


def _listing(sftp: paramiko.SFTPClient, path: str) -> list[dict[str, Any]]:
    try:
        found = sftp.listdir_attr(path)
    except (FileNotFoundError, PermissionError):
        raise
    except OSError:
        # The protocol has no word for it, and servers answer as they like.
        _is_directory(sftp, path)
        raise
    return [_entry(f"{path.rstrip('/')}/{one.filename}", one) for one in found]


def _is_directory(sftp: paramiko.SFTPClient, path: str) -> bool:
    """Whether it is there; NotADirectoryError if it is something else."""
    try:
        found = sftp.stat(path)
    except FileNotFoundError:
        return False
    if not stat.S_ISDIR(found.st_mode or 0):
        raise NotADirectoryError(errno.ENOTDIR, "is no directory", path)
    return True


def _make(sftp: paramiko.SFTPClient, path: str) -> bool:
    """Make a directory and those above it; whether it was missing. Somebody else may make it at the same time."""
    if _is_directory(sftp, path):
        return False
    if parent := path.rstrip("/").rpartition("/")[0]:
        _make(sftp, parent)
    try:
        sftp.mkdir(path)
    except OSError:
        if not _is_directory(sftp, path):
            raise
        return False
    return True
