"""HttpArtifactRepository: files that a server keeps for its clients."""

from __future__ import annotations

import io
import os
import secrets
import shutil
from pathlib import Path
from typing import Any, BinaryIO, Self
from urllib.parse import quote

import urllib3
from urllib3.exceptions import HTTPError

from windlass.config import Settings
from windlass.entities import FileInfo
from windlass.errors import InvalidValue, NotFound, Unavailable
from windlass.interfaces import ArtifactRepository
from windlass.uri import Uri
from windlass.wire.file_info import ListProxiedArtifacts, decode_file_info
from windlass.wire.message import PREFIXES, PROXY
from windlass_client.transport import Transport

_FILES = f"{PREFIXES[PROXY][0]}/artifacts"
_PIECE = 1 << 20


class HttpArtifactRepository(ArtifactRepository):
    """Files below a path of a server's artifact proxy."""

    def __init__(self, transport: Transport, root: str) -> None:
        self._transport = transport
        self._root = root.strip("/")

    @classmethod
    def open(cls, uri: Uri, settings: Settings) -> Self:
        """The repository below `mlflow-artifacts:/PATH` of the tracking server, or `mlflow-artifacts://HOST/PATH`."""
        server = settings.tracking_uri or ""
        if uri.netloc:
            scheme = "https" if server.startswith("https:") else "http"
            server = f"{scheme}://{uri.netloc}"
        elif not server.startswith(("http:", "https:")):
            problem = "is kept by a tracking server, and none is set"
            raise InvalidValue("uri", str(uri), problem, hint="set WINDLASS_TRACKING_URI to its URL")
        return cls(Transport(server, settings), uri.path)

    def put_file(self, source: Path, path: str) -> None:
        """Send the file in pieces; the server shows it when all of it has arrived."""
        if not source.is_file():
            raise NotFound(f"there is no file {str(source)!r}")
        with source.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            headers = {"content-type": "application/octet-stream", "content-length": str(size)}
            self._transport.request("PUT", self._url(path), body=stream, headers=headers)

    def get_file(self, path: str, destination: Path) -> None:
        """Fetch the file in pieces; it appears at `destination` when it is complete."""
        part = destination.with_name(f".windlass-{secrets.token_hex(8)}.part")
        try:
            with self.read(path) as source, part.open("xb") as target:
                shutil.copyfileobj(source, target, _PIECE)
            part.replace(destination)
        finally:
            part.unlink(missing_ok=True)

    def read(self, path: str) -> BinaryIO:
        """A stream of the answer's bytes; Unavailable if it breaks off."""
        answer = self._transport.request("GET", self._url(path), stream=True)
        return io.BufferedReader(_Body(answer, path), _PIECE)

    def list(self, path: str = "") -> list[FileInfo]:
        """What is directly inside the directory."""
        prefix = f"{path.strip('/')}/" if path.strip("/") else ""
        answer = self._transport.call(ListProxiedArtifacts(path=self._full(path)))
        found = (decode_file_info(one) for one in answer.get("files", ()))
        return sorted(FileInfo(prefix + info.path, info.is_dir, info.file_size) for info in found)

    def stat(self, path: str) -> FileInfo:
        """The entry in the listing of its directory."""
        checked = path.strip("/")
        if not checked:
            return FileInfo(path, is_dir=True)
        for info in self.list(checked.rpartition("/")[0]):
            if info.path == checked:
                return info
        raise NotFound(f"there is no file or directory {path!r} in {self._root!r} of {self._transport.url}")

    def delete(self, path: str) -> None:
        """Remove a file, or a directory with all below it."""
        self._transport.request("DELETE", self._url(path))

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def _full(self, path: str) -> str:
        return "/".join(part for part in (self._root, path.strip("/")) if part)

    def _url(self, path: str) -> str:
        return f"{_FILES}/{quote(self._full(path))}"


class _Body(io.RawIOBase):
    """The body of an answer as a file; closing it gives the connection back."""

    def __init__(self, answer: urllib3.BaseHTTPResponse, path: str) -> None:
        super().__init__()
        self._answer = answer
        self._path = path

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            piece = self._answer.read(len(buffer), decode_content=False)
        except HTTPError as error:
            raise Unavailable(f"the connection broke while {self._path!r} was fetched: {error}") from error
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        if not self.closed:
            self._answer.close()
            self._answer.release_conn()
        super().close()
