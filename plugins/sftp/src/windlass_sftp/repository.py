"""SftpArtifactRepository: files on an SFTP server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import paramiko

from windlass.config import Settings
from windlass.errors import InvalidValue
from windlass.uri import Uri
from windlass_fsspec.directories import DirectoryArtifactRepository
from windlass_fsspec.session_pool import SessionPool
from windlass_sftp.file_system import SftpFileSystem
from windlass_sftp.login import Login
from windlass_sftp.session import SftpSession

_HOME = "/~/"


class SftpArtifactRepository(DirectoryArtifactRepository):
    """Files below `sftp://user@host:port/PATH`; `/~/` at the beginning of the path means the user's home directory.

    A symbolic link to a file inside is that file; what leads out, to a directory or to nothing is not listed.
    """

    faults = (paramiko.SSHException, EOFError)

    def __init__(self, pool: SessionPool[SftpSession], root: str, *, name: str) -> None:
        super().__init__(SftpFileSystem(pool, root.rstrip("/") or "/"), root, name=name)
        self._pool = pool

    @classmethod
    def open(cls, uri: Uri, settings: Settings) -> Self:
        """The repository below a path of the server, which is connected to when it is first needed."""
        login = Login.find(uri, settings)
        root = f"{uri.path.rstrip('/')}/"
        if root.startswith(_HOME):
            root = f"./{root.removeprefix(_HOME)}"
        return cls(SessionPool(lambda: SftpSession.open(login)), root, name=str(uri))

    def replace(self, source: str, target: str) -> None:
        """Move a file into the place of another one in one step."""
        self.fs.replace(source, target)

    def close(self) -> None:
        """Hang up."""
        self._pool.close()

    def _full(self, path: str) -> str:
        return super()._full(path) or "/"

    def _entries(self, place: str) -> Sequence[dict[str, Any]]:
        found = super()._entries(place)
        return [one for one in map(self._followed, found) if one is not None]

    def _followed(self, entry: dict[str, Any]) -> dict[str, Any] | None:
        if entry["type"] != "link":
            return entry
        try:
            found: dict[str, Any] = self.fs.info(entry["name"])
        except (InvalidValue, FileNotFoundError):
            return None
        return found if found["type"] == "file" else None

    def _delete_below(self, path: str) -> None:
        if path and self.fs.is_link(self._full(path)):
            self.fs.rm_file(self._full(path))
        else:
            super()._delete_below(path)
