"""Receiving files in pieces, so that memory stays bounded whatever their size."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from litestar import Request

from windlass.errors import InvalidValue, Unavailable
from windlass.interfaces import ArtifactRepository, FileWriter, WritesStreams
from windlass.services.artifacts import check_path
from windlass.services.hashed_writer import HashedWriter
from windlass_server.incoming import incoming
from windlass_server.threads import in_thread

_PIECE = 1 << 20


async def receive_file(
    request: Request[Any, Any, Any], repository: ArtifactRepository, path: str, *, limit: int | None = None
) -> str:
    """Store the body as `path`, when all of it has arrived; its SHA-256 as 64 hex digits.

    InvalidValue if it is larger than `limit` bytes.
    """
    checked = check_path(path, empty=False)
    return await pour(_limited(incoming(request), limit), lambda: _writing(repository, checked))


async def pour(stream: AsyncIterator[bytes], opened: Callable[[], AbstractContextManager[FileWriter]]) -> str:
    """Write what arrives to what `opened` gives, which it closes at the end; the SHA-256 of all of it."""
    try:
        return await _pour(_large_pieces(stream), opened)
    except OSError as error:
        problem = f"the server cannot keep the file: {error.strerror}"
        raise Unavailable(problem, hint="nothing was stored; try again later") from error


async def _pour(pieces: AsyncIterator[bytes], opened: Callable[[], AbstractContextManager[FileWriter]]) -> str:
    first = await anext(pieces, b"")
    if len(first) < _PIECE:
        return await in_thread(_store, opened, first)
    manager = opened()
    writer = await in_thread(manager.__enter__)
    try:
        writing = asyncio.ensure_future(in_thread(writer.write, first))
        try:
            # A piece is written while the next one arrives.
            async for piece in pieces:
                await writing
                writing = asyncio.ensure_future(in_thread(writer.write, piece))
        finally:
            await asyncio.wait([writing])
        writing.result()
    except BaseException as error:
        await in_thread(manager.__exit__, type(error), error, error.__traceback__)
        raise
    await in_thread(manager.__exit__, None, None, None)
    return writer.sha256


def _store(opened: Callable[[], AbstractContextManager[FileWriter]], content: bytes) -> str:
    with opened() as writer:
        writer.write(content)
    return writer.sha256


def _writing(repository: ArtifactRepository, path: str) -> AbstractContextManager[FileWriter]:
    return repository.write(path) if isinstance(repository, WritesStreams) else _by_way_of_disk(repository, path)


@contextmanager
def _by_way_of_disk(repository: ArtifactRepository, path: str) -> Iterator[FileWriter]:
    """A temporary file that is stored at the end of the block."""
    with tempfile.NamedTemporaryFile(prefix="windlass-upload-") as target:
        yield HashedWriter(target)
        target.flush()
        repository.put_file(Path(target.name), path)


async def _limited(stream: AsyncIterator[bytes], limit: int | None) -> AsyncIterator[bytes]:
    size = 0
    async for piece in stream:
        size += len(piece)
        if limit is not None and size > limit:
            raise InvalidValue("body", f"{size} bytes or more", "is too large", limit=f"{limit} bytes")
        yield piece


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
