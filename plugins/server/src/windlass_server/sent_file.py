"""Sending files in pieces, or a part of one, so that memory stays bounded whatever their size."""

from __future__ import annotations

import asyncio
import base64
import mimetypes
import re
from typing import BinaryIO
from urllib.parse import quote

from litestar.types import Receive, Scope, Send

from windlass.errors import NotFound
from windlass.interfaces import ArtifactRepository, KnowsDigests
from windlass.services.artifacts import check_path
from windlass.services.ranged_file import open_file
from windlass_server.streams import watch
from windlass_server.threads import in_thread

_PIECE = 1 << 20
_RANGE = re.compile(rb"bytes=(\d{0,18})-(\d{0,18})")
_ACTIVE_CONTENT = frozenset({"text/html", "image/svg+xml", "application/xhtml+xml", "text/xml", "application/xml"})
_OK, _PARTIAL, _UNSATISFIABLE = 200, 206, 416


async def send_file(repository: ArtifactRepository, path: str) -> SentFile:
    """The file as an attachment, or the part of it that a request asks for; NotFound if there is none."""
    return await in_thread(SentFile, repository, check_path(path, empty=False))


class SentFile:
    """A file on its way to a client, as an application that answers one request.

    `Range` with one range is honoured, `If-Range` where the SHA-256 of the file is known, which is its ETag.
    """

    def __init__(self, repository: ArtifactRepository, path: str) -> None:
        self._repository, self._path = repository, path
        try:
            info = repository.stat(path)
        except NotFound:
            # The repository names the place where it looked, which is not for clients.
            raise NotFound(f"there is no file {path!r}") from None
        if info.is_dir:
            raise NotFound(f"{path!r} is a directory", hint="list it, and fetch its files one by one")
        self._size = info.file_size
        self._digest = repository.sha256(path) if isinstance(repository, KnowsDigests) else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, or the part that is asked for."""
        status, start, end = self._part(dict(scope["headers"]))
        headers = [(name.encode(), value.encode()) for name, value in self._headers(status, start, end)]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        ended = asyncio.Event()
        watcher = asyncio.create_task(watch(receive, ended))
        try:
            if status != _UNSATISFIABLE:
                await self._send(send, ended, start, end)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            watcher.cancel()

    def _part(self, asked: dict[bytes, bytes]) -> tuple[int, int, int | None]:
        """The status of the answer, and where what it holds begins and ends."""
        whole = (_OK, 0, self._size)
        found = _RANGE.fullmatch(asked.get(b"range", b"").strip())
        changed = asked.get(b"if-range", self._etag.encode()) != self._etag.encode()
        if found is None or self._size is None or changed or found[0] == b"bytes=-":
            return whole
        if found[1]:
            start, end = int(found[1]), int(found[2]) + 1 if found[2] else self._size
        else:
            start, end = max(0, self._size - int(found[2])), self._size
        if start >= self._size or end <= start:
            return _UNSATISFIABLE, 0, 0
        return _PARTIAL, start, min(end, self._size)

    @property
    def _etag(self) -> str:
        return f'"{self._digest}"' if self._digest else ""

    def _headers(self, status: int, start: int, end: int | None) -> list[tuple[str, str]]:
        name = self._path.rpartition("/")[2]
        headers = [
            ("content-type", _media_type(name)),
            ("content-disposition", _attachment(name)),
            ("accept-ranges", "bytes"),
        ]
        if end is not None:
            headers.append(("content-length", str(end - start)))
        if status == _PARTIAL:
            headers.append(("content-range", f"bytes {start}-{(end or 0) - 1}/{self._size}"))
        if status == _UNSATISFIABLE:
            headers.append(("content-range", f"bytes */{self._size}"))
        if self._digest:
            headers += [("etag", self._etag), ("repr-digest", repr_digest(self._digest))]
        return headers

    async def _send(self, send: Send, ended: asyncio.Event, start: int, end: int | None) -> None:
        stream = await in_thread(self._open, start)
        left = end - start if end is not None else None
        try:
            reading = asyncio.ensure_future(in_thread(stream.read, _length(left)))
            # The next piece is read while one is sent.
            while (piece := await reading) and not ended.is_set():
                left = None if left is None else left - len(piece)
                reading = asyncio.ensure_future(in_thread(stream.read, _length(left)))
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await reading
        finally:
            await in_thread(stream.close)

    def _open(self, start: int) -> BinaryIO:
        if not start:
            return self._repository.read(self._path)
        stream = open_file(self._repository, self._path)
        if stream.seekable():
            stream.seek(start)
        else:
            while start and (piece := stream.read(min(_PIECE, start))):
                start -= len(piece)
        return stream


def repr_digest(sha256: str) -> str:
    """The value of the header Repr-Digest (RFC 9530) for a SHA-256 in hex."""
    return f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:"


def _length(left: int | None) -> int:
    return _PIECE if left is None else min(_PIECE, left)


def _attachment(name: str) -> str:
    plain = name.isascii() and name.isprintable() and not set(name) & set('"\\')
    return f'attachment; filename="{name}"' if plain else f"attachment; filename*=UTF-8''{quote(name, safe='')}"


def _media_type(name: str) -> str:
    """The type of a file by its name; what a browser would run comes as plain text."""
    guessed, encoding = mimetypes.guess_type(name)
    if guessed is None or encoding is not None:
        return "application/octet-stream"
    return "text/plain" if guessed in _ACTIVE_CONTENT or "javascript" in guessed else guessed
