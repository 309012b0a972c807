"""Files over HTTP: sending and receiving them in pieces, so that memory stays bounded whatever their size."""

from __future__ import annotations

import mimetypes
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

from litestar import Request
from litestar.response import Stream

from windlass.entities import FileInfo
from windlass.errors import InvalidValue, NotFound, Unavailable
from windlass.interfaces import ArtifactRepository
from windlass.services.artifacts import check_path
from windlass_server.incoming import incoming
from windlass_server.threads import in_thread

_PIECE = 1 << 20
_ACTIVE_CONTENT = frozenset({"text/html", "image/svg+xml", "application/xhtml+xml", "text/xml", "application/xml"})


async def send_file(repository: ArtifactRepository, path: str) -> Stream:
    """The file as an attachment; NotFound if there is none."""
    checked = check_path(path, empty=False)
    info, stream = await in_thread(_open, repository, checked)
    name = checked.rpartition("/")[2]
    headers = {"content-disposition": _attachment(name)}
    if info.file_size is not None:
        headers["content-length"] = str(info.file_size)
    return Stream(_pieces(stream), media_type=_media_type(name), headers=headers)


async def receive_file(
    request: Request[Any, Any, Any], repository: ArtifactRepository, path: str, *, limit: int | None = None
) -> None:
    """Store the body as `path`, when all of it has arrived; InvalidValue if it is larger than `limit` bytes."""
    checked = check_path(path, empty=False)
    try:
        with tempfile.NamedTemporaryFile(prefix="windlass-upload-") as target:
            size = 0
            async for piece in _large_pieces(incoming(request)):
                size += len(piece)
                if limit is not None and size > limit:
                    raise InvalidValue("body", f"{size} bytes or more", "is too large", limit=f"{limit} bytes")
                await in_thread(target.write, piece)
            await in_thread(target.flush)
            await in_thread(repository.put_file, Path(target.name), checked)
    except OSError as error:
        raise _no_room(error) from error


def _open(repository: ArtifactRepository, path: str) -> tuple[FileInfo, BinaryIO]:
    try:
        info = repository.stat(path)
        if not info.is_dir:
            return info, repository.read(path)
    except NotFound:
        # The repository names the place where it looked, which is not for clients.
        raise NotFound(f"there is no file {path!r}") from None
    raise NotFound(f"{path!r} is a directory", hint="list it, and fetch its files one by one")


def _no_room(error: OSError) -> Unavailable:
    """What is said when the file cannot be put down on its way through this machine."""
    return Unavailable(f"the server cannot keep the file: {error.strerror}", hint="nothing was stored; try again later")


async def _pieces(stream: BinaryIO) -> AsyncIterator[bytes]:
    try:
        while piece := await in_thread(stream.read, _PIECE):
            yield piece
    finally:
        stream.close()


async def _large_pieces(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same bytes in pieces that are worth a trip to another thread."""
    pieces: list[bytes] = []
    size = 0
    async for piece in stream:
        pieces.append(piece)
        size += len(piece)
        if size >= _PIECE:
            yield b"".join(pieces)
            pieces, size = [], 0
    if pieces:
        yield b"".join(pieces)


def _attachment(name: str) -> str:
    plain = name.isascii() and name.isprintable() and not set(name) & set('"\\')
    return f'attachment; filename="{name}"' if plain else f"attachment; filename*=UTF-8''{quote(name, safe='')}"


def _media_type(name: str) -> str:
    """The type of a file by its name; what a browser would run comes as plain text."""
    guessed, encoding = mimetypes.guess_type(name)
    if guessed is None or encoding is not None:
        return "application/octet-stream"
    return "text/plain" if guessed in _ACTIVE_CONTENT or "javascript" in guessed else guessed
