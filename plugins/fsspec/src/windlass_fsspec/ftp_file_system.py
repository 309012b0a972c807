"""FtpFileSystem: the files of an FTP server, for several threads at once."""

from __future__ import annotations

import errno
import io
import os
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fsspec import AbstractFileSystem
from fsspec.implementations.ftp import _mlsd2 as read_listing

from windlass_fsspec.ftp_session import FtpSession, Refused
from windlass_fsspec.ranged_file import RangedFile
from windlass_fsspec.session_pool import SessionPool

_ATTEMPTS = 5
_PIECE = 1 << 18
_KINDS = {"dir": "directory", "file": "file"}


class FtpFileSystem(AbstractFileSystem):  # type: ignore[misc]  # fsspec has no type information
    """Each call has a connection of its own, where fsspec's has one for all, and lists a directory to tell of a file.

    Servers that know RFC 3659 say what is at a path. Of others it reads the listing for people; a size means a file.
    """

    cachable = False

    def __init__(self, pool: SessionPool[FtpSession]) -> None:
        super().__init__(use_listings_cache=False)
        self._pool = pool

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """What is at the path."""
        return self._pool.read(lambda session: _info(session, path))

    def ls(self, path: str, detail: bool = True, **_: Any) -> list[Any]:  # noqa: FBT001, FBT002  fsspec's signature
        """What is directly inside a directory."""
        found = self._pool.read(lambda session: _list(session, path))
        return found if detail else [one["name"] for one in found]

    def makedirs(self, path: str, exist_ok: bool = False) -> None:  # noqa: FBT001, FBT002  fsspec's signature
        """Make a directory and those above it."""
        with self._pool.session() as session:
            if not _make(session, path) and not exist_ok:
                raise FileExistsError(errno.EEXIST, "there is something already", path)

    def rmdir(self, path: str) -> None:
        """Remove an empty directory."""
        with self._pool.session() as session, session.asking() as ftp:
            ftp.rmd(path)

    def rm_file(self, path: str) -> None:
        """Remove a file; FileNotFoundError if it is missing."""
        with self._pool.session() as session:
            try:
                with session.asking() as ftp:
                    ftp.delete(path)
            except Refused:
                _info(session, path)
                raise

    def replace(self, source: str, target: str) -> None:
        """Move a file into the place of another one, in one step unless the server refuses that."""
        with self._pool.session() as session:
            for _ in range(_ATTEMPTS):
                with suppress(Refused):
                    _rename(session, source, target)
                    return
                _info(session, target.rpartition("/")[0])
                if _info(session, target)["type"] == "directory":
                    break
                # Somebody else may be putting a file there at the same time.
                with suppress(Refused), session.asking() as ftp:
                    ftp.delete(target)
            _rename(session, source, target)

    def put_file(self, lpath: str, rpath: str, **_: Any) -> None:
        """Send a file, and see that all has arrived."""
        with self._pool.session() as session, Path(lpath).open("rb") as stream:
            with session.asking() as ftp:
                ftp.storbinary(f"STOR {rpath}", stream, _PIECE)
            _compare(_info(session, rpath)["size"], os.fstat(stream.fileno()).st_size)

    def get_file(self, rpath: str, lpath: str, **_: Any) -> None:
        """Fetch a file, and see that all has arrived."""
        with self._pool.session() as session, Path(lpath).open("wb") as target:
            size = _info(session, rpath)["size"]
            with session.asking() as ftp:
                ftp.retrbinary(f"RETR {rpath}", target.write, _PIECE)
            _compare(target.tell(), size)

    def cat_file(self, path: str, start: int | None = None, end: int | None = None, **_: Any) -> bytes:
        """A part of a file, or all of it."""
        return self._pool.read(lambda session: _read(session, path, start or 0, end))

    def _open(self, path: str, mode: str = "rb", block_size: int | None = None, **options: Any) -> Any:
        if mode == "wb":
            return io.BufferedWriter(_Writer(self._pool, path), _PIECE)
        return RangedFile(self, path, block_size=block_size, **options)


class _Writer(io.RawIOBase):
    """A new file, on a connection of its own until it is closed."""

    def __init__(self, pool: SessionPool[FtpSession], path: str) -> None:
        super().__init__()
        self._pool, self._session = pool, pool.take()
        self._error: BaseException | None = None
        try:
            with self._session.asking() as ftp:
                ftp.voidcmd("TYPE I")
                self._connection = ftp.transfercmd(f"STOR {path}")
        except BaseException as error:
            pool.give_back(self._session, error)
            super().close()
            raise

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, data: Any) -> int:
        """Send all of it."""
        try:
            self._connection.sendall(data)
        except BaseException as error:
            self._error = error
            raise
        return memoryview(data).nbytes

    def close(self) -> None:
        """Wait until the server has it all."""
        if self.closed:
            return
        super().close()
        self._connection.close()
        try:
            if self._error is None:
                with self._session.asking() as ftp:
                    ftp.voidresp()
        except BaseException as error:
            self._error = error
            raise
        finally:
            self._pool.give_back(self._session, self._error)


def _info(session: FtpSession, path: str) -> dict[str, Any]:
    if path in {"", "/"}:
        return {"name": "/", "type": "directory", "size": 0}
    try:
        with session.asking() as ftp:
            if session.has_facts:
                line = ftp.sendcmd(f"MLST {path}").splitlines()[1]
                return _entry(path, _facts(line.strip().partition(" ")[0]))
            return _guess(session, path)
    except Refused:
        raise FileNotFoundError(errno.ENOENT, "is missing", path) from None


def _found(session: FtpSession, path: str) -> dict[str, Any] | None:
    try:
        return _info(session, path)
    except FileNotFoundError:
        return None


def _guess(session: FtpSession, path: str) -> dict[str, Any]:
    """What is at the path on a server that has no word for that question."""
    with session.asking() as ftp:
        ftp.voidcmd("TYPE I")
        with suppress(Exception):
            return {"name": path, "type": "file", "size": ftp.size(path)}
        ftp.cwd(path)
        return {"name": path, "type": "directory", "size": 0}


def _list(session: FtpSession, path: str) -> list[dict[str, Any]]:
    if _info(session, path)["type"] != "directory":
        raise NotADirectoryError(errno.ENOTDIR, "is no directory", path)
    with session.asking() as ftp:
        found = list(ftp.mlsd(path or "/")) if session.has_facts else read_listing(ftp, path or "/")
    return [
        _entry(f"{path.rstrip('/')}/{name.rpartition('/')[2]}", facts)
        for name, facts in found
        if facts["type"].lower() in _KINDS and name not in {".", ".."}
    ]


def _facts(text: str) -> dict[str, str]:
    pairs = (one.partition("=") for one in text.split(";") if one)
    return {name.lower(): value for name, _, value in pairs}


def _entry(name: str, facts: dict[str, str]) -> dict[str, Any]:
    kind = _KINDS.get(facts["type"].lower(), "other")
    return {"name": name, "type": kind, "size": int(facts.get("size", 0)), "mtime": _time(facts.get("modify", ""))}


def _time(text: str) -> float:
    """Seconds since 1970 of a time as RFC 3659 writes it; now for what other listings say, which has no year."""
    try:
        return datetime.strptime(text[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return time.time()


def _make(session: FtpSession, path: str) -> bool:
    """Make a directory and those above it; whether it was missing. Somebody else may make it at the same time."""
    try:
        found = _info(session, path)
    except FileNotFoundError:
        _make(session, path.rstrip("/").rpartition("/")[0])
        try:
            with session.asking() as ftp:
                ftp.mkd(path)
            return True
        except Refused as error:
            meanwhile = _found(session, path)
            if meanwhile is None:
                raise OSError(str(error)) from error
            found = meanwhile
    if found["type"] != "directory":
        raise NotADirectoryError(errno.ENOTDIR, "is no directory", path)
    return False


def _rename(session: FtpSession, source: str, target: str) -> None:
    with session.asking() as ftp:
        ftp.rename(source, target)


def _read(session: FtpSession, path: str, start: int, end: int | None) -> bytes:
    size = _info(session, path)["size"]
    wanted = max(0, (size if end is None else min(end, size)) - start)
    if not wanted:
        return b""
    with session.asking() as ftp:
        ftp.voidcmd("TYPE I")
        with ftp.transfercmd(f"RETR {path}", rest=start or None) as connection, connection.makefile("rb") as stream:
            found = stream.read(wanted)
        # A server that was not at the end complains, and may go on to be used.
        with suppress(*((Exception,) if start + wanted < size else ())):
            ftp.voidresp()
    _compare(len(found), wanted)
    return found


def _compare(found: int | None, expected: int | None) -> None:
    if found != expected:
        raise OSError(f"{found} bytes have arrived of {expected}")
