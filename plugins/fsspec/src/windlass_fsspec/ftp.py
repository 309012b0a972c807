"""FtpArtifactRepository: files on an FTP server."""

from __future__ import annotations

from typing import Self
from urllib.parse import unquote, urlsplit

from windlass.config import Settings
from windlass.errors import InvalidValue
from windlass.uri import Uri
from windlass_fsspec.directories import DirectoryArtifactRepository
from windlass_fsspec.ftp_file_system import FtpFileSystem
from windlass_fsspec.ftp_session import FtpLogin, FtpSession
from windlass_fsspec.session_pool import SessionPool

_PORT = 21


class FtpArtifactRepository(DirectoryArtifactRepository):
    """Files below `ftp://user:password@host:port/PATH`, without a user anonymously. Nothing on the way is encrypted."""

    def __init__(self, pool: SessionPool[FtpSession], root: str, *, name: str) -> None:
        super().__init__(FtpFileSystem(pool), root, name=name)
        self._pool = pool

    @classmethod
    def open(cls, uri: Uri, settings: Settings) -> Self:
        """The repository below a path of the server, which is connected to when it is first needed."""
        login = _login(uri, settings)
        return cls(SessionPool(lambda: FtpSession.open(login)), uri.path, name=str(uri))

    def replace(self, source: str, target: str) -> None:
        """Move a file into the place of another one."""
        self.fs.replace(source, target)

    def close(self) -> None:
        """Hang up."""
        self._pool.close()


def _login(uri: Uri, settings: Settings) -> FtpLogin:
    parts = urlsplit(uri.text)
    try:
        port = parts.port or _PORT
    except ValueError:
        raise InvalidValue("uri", str(uri), "has a port that is no number from 1 to 65535") from None
    if not parts.hostname:
        raise InvalidValue("uri", str(uri), "names no server", hint="write ftp://user@host/path")
    user = unquote(parts.username or "")
    password = unquote(parts.password or "") or (settings.ftp_password or "" if user else "")
    return FtpLogin(parts.hostname, port, user, password, settings.storage_timeout)
