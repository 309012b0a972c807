"""SftpReader and SftpWriter: open files of an SFTP server, each on a connection of its own until it is closed."""

from __future__ import annotations

import io
from typing import Any

import paramiko
from fsspec.spec import AbstractBufferedFile

from windlass_fsspec.session_pool import SessionPool
from windlass_sftp.session import SftpSession

# So many requests of 32 KiB are under way at once, which fills a connection across an ocean.
REQUESTS = 64


def read_at(file: paramiko.SFTPFile, start: int, end: int) -> bytes:
    """The bytes from `start` to before `end`, which the file must have."""
    return b"".join(file.readv([(start, end - start)], REQUESTS)) if end > start else b""


class _Held:
    """A session with an open file; giving it back closes the file."""

    def __init__(self, pool: SessionPool[SftpSession], session: SftpSession, file: paramiko.SFTPFile) -> None:
        self._pool, self._session, self.file = pool, session, file
        self._error: BaseException | None = None

    def failed(self, error: BaseException) -> None:
        self._error = error

    def release(self) -> None:
        try:
            if self._session.is_usable(self._error):
                self.file.close()
        except BaseException as error:
            self._error = error
            raise
        finally:
            self._pool.give_back(self._session, self._error)


class SftpReader(AbstractBufferedFile):  # type: ignore[misc]  # fsspec has no type information
    """A file that is read in large pieces; it stays the same file if another one takes its place meanwhile."""

    def __init__(self, fs: Any, path: str, *, held: tuple[Any, ...], block_size: int | None, **options: Any) -> None:
        self._held = _Held(*held)
        options = {name: options[name] for name in ("cache_type", "cache_options", "size") if name in options}
        super().__init__(fs, path, "rb", block_size or self.DEFAULT_BLOCK_SIZE, **options)

    def _fetch_range(self, start: int, end: int) -> bytes:
        try:
            return read_at(self._held.file, start, end)
        except BaseException as error:
            self._held.failed(error)
            raise

    def close(self) -> None:
        """Close the file and give the connection back."""
        if not self.closed:
            super().close()
            self._held.release()


class SftpWriter(io.RawIOBase):
    """A new file; what it is given is on its way when `write` returns, and has arrived when `close` does."""

    def __init__(self, *held: Any) -> None:
        super().__init__()
        self._held = _Held(*held)
        self._held.file.set_pipelined(True)

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, data: Any) -> int:
        """Send all of it."""
        try:
            self._held.file.write(data)
        except BaseException as error:
            self._held.failed(error)
            raise
        return memoryview(data).nbytes

    def close(self) -> None:
        """Wait until all has arrived, and give the connection back."""
        if not self.closed:
            super().close()
            self._held.release()
