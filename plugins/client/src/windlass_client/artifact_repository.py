"""HttpArtifactRepository: files that a server keeps for its clients."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO, Self
from urllib.parse import quote, urlencode

import urllib3

from windlass.config import Settings
from windlass.entities import FileInfo
from windlass.errors import InvalidValue, NotFound, Unavailable, Unsupported
from windlass.interfaces import ArtifactRepository
from windlass.part_file import arriving
from windlass.services.transfers import persistently
from windlass.uri import Uri
from windlass.wire.file_info import ListProxiedArtifacts, decode_file_info
from windlass.wire.message import PREFIXES, PROXY, WINDLASS
from windlass_client.archive import pack, unpack
from windlass_client.large_files import LargeFiles
from windlass_client.streamed_file import ReceivedFile, SentFile, digest_field, sha256_in
from windlass_client.transport import Transport

_FILES = f"{PREFIXES[PROXY][0]}/artifacts"
_MANY = f"{PREFIXES[WINDLASS][0]}/artifacts/files"
_PIECE = 1 << 20


class HttpArtifactRepository(ArtifactRepository):
    """Files below a path of a server's artifact proxy."""

    # Parts of that size are what all storage takes that a server may have; Amazon takes no more than so many.
    least_part, most_parts = 8 << 20, 10_000

    def __init__(self, transport: Transport, root: str) -> None:
        self._transport = transport
        self._root = root.strip("/")
        self._large = LargeFiles(transport)

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
        self._put(source, path, _nobody)

    def put_whole(self, source: Path, path: str, moved: Callable[[int], None]) -> bool:
        """Send the file in one go, unless the server lets its storage take the parts."""
        if self._large.are_signed:
            return False
        self._put(source, path, moved)
        return True

    def _put(self, source: Path, path: str, moved: Callable[[int], None]) -> None:
        if not source.is_file():
            raise NotFound(f"there is no file {str(source)!r}")
        with source.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            headers = {"content-type": "application/octet-stream", "content-length": str(size)}
            sent = SentFile(stream, moved)
            try:
                sent.check(self._transport.request("PUT", self._url(path), body=sent, headers=headers, once=True), path)
            except BaseException:
                moved(-sent.size)
                raise

    def put_files(self, files: Sequence[tuple[Path, str]]) -> None:
        """Send small files together, as an archive that the server unpacks."""
        query = urlencode({"path": self._root})
        archive = pack(files)
        headers = {"content-type": "application/x-tar", "content-digest": digest_field(archive)}
        try:
            self._transport.request("POST", f"{_MANY}?{query}", body=archive, headers=headers, once=True)
        except Unsupported:
            # A server that is not ours.
            for source, path in files:
                self.put_file(source, path)

    def get_file(self, path: str, destination: Path) -> None:
        """Fetch the file in pieces; it appears at `destination` when it is complete."""
        self.get_whole(path, destination, _nobody)

    def get_whole(self, path: str, destination: Path, moved: Callable[[int], None]) -> None:
        """The same, telling how far it is."""
        size = 0
        try:
            with arriving(destination) as part, self._received(path) as source, part.open("xb") as target:
                while piece := source.piece(_PIECE):
                    target.write(piece)
                    size += len(piece)
                    moved(len(piece))
        except BaseException:
            moved(-size)
            raise

    def get_files(self, files: Sequence[tuple[str, Path]]) -> None:
        """Fetch small files together, in an archive."""
        query = urlencode({"path": self._root})
        body = json.dumps({"paths": [path for path, _ in files]}).encode()
        headers = {"content-type": "application/json"}
        try:
            answer = self._transport.request("POST", f"{_MANY}/fetch?{query}", body=body, headers=headers, once=True)
        except Unsupported:
            # A server that is not ours.
            for path, destination in files:
                self.get_file(path, destination)
            return
        content = answer.data
        if sha256_in(answer) not in {None, hashlib.sha256(content).hexdigest()}:
            raise Unavailable("an archive of files did not arrive as it was sent")
        unpack(content, files)

    def read(self, path: str) -> BinaryIO:
        """A stream of the file's bytes, which goes on where a connection breaks."""
        return io.BufferedReader(persistently(lambda: self._received(path)), _PIECE)

    def _received(self, path: str) -> ReceivedFile:
        return ReceivedFile(partial(self._fetch, path), path)

    def _fetch(self, path: str, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        direct = self._large.fetch(self._full(path), headers)
        if direct is not None:
            return direct
        return self._transport.request("GET", self._url(path), headers=headers, stream=True, once=True)

    def begin_upload(self, path: str, count: int) -> str:
        """Begin to send a file in parts."""
        return self._large.begin(self._full(path), count)

    def put_part(self, path: str, upload_id: str, number: int, data: bytes) -> str:
        """Send a part, to the server or straight to its storage."""
        del path
        return self._large.put(upload_id, number, data)

    def complete_upload(self, path: str, upload_id: str, marks: Mapping[int, str]) -> None:
        """Have the parts put together."""
        self._large.complete(self._full(path), upload_id, marks)

    def abort_upload(self, path: str, upload_id: str) -> None:
        """Have the parts thrown away."""
        self._large.abort(self._full(path), upload_id)

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


def _nobody(_size: int) -> None:
    """Whom nobody tells how far it is."""
