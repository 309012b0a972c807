"""Answers that are sent piece by piece: files that are made while they are sent, and events while they happen."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import suppress
from typing import ClassVar
from weakref import WeakKeyDictionary

from litestar.types import Receive, Scope, Send

from windlass.errors import Unavailable, WindlassError
from windlass_server.errors import refuse
from windlass_server.threads import in_thread

MOST_STREAMS = 200
"""How many answers one process sends piece by piece at a time."""
_RETRY_AFTER = 5

_log = logging.getLogger(__name__)
_under_way: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[asyncio.Event, StreamAnswer]] = WeakKeyDictionary()


class StreamAnswer(ABC):
    """A 200 answer whose body comes piece by piece; it ends early when the client is gone or the server stops."""

    media_types: ClassVar[tuple[str, ...]]
    """What the body can be."""
    endless: ClassVar[bool] = False
    """Whether it would go on for as long as a server that stops waits for it."""

    def __init__(self, media_type: str, headers: Iterable[tuple[str, str]] = ()) -> None:
        self._headers = [("content-type", media_type), *headers]

    @abstractmethod
    def pieces(self, ended: asyncio.Event) -> AsyncIterator[bytes]:
        """The pieces of the body; waiting, it looks out for `ended`."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it; 503 if there are too many already."""
        del scope
        open_here = _under_way.setdefault(asyncio.get_running_loop(), {})
        if len(open_here) >= MOST_STREAMS:
            await refuse(send, Unavailable("too many streams are open", retry_after=_RETRY_AFTER))
            return
        ended = asyncio.Event()
        open_here[ended] = self
        watcher = asyncio.create_task(watch(receive, ended))
        try:
            await self._send(send, ended)
        finally:
            del open_here[ended]
            watcher.cancel()

    async def _send(self, send: Send, ended: asyncio.Event) -> None:
        headers = [(name.encode(), value.encode()) for name, value in self._headers]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        try:
            async for piece in self.pieces(ended):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        except Exception as error:  # noqa: BLE001  whatever it is, it is too late for another answer
            # The last piece is missing, so the connection is closed and nobody takes the part for the whole.
            if not ended.is_set():
                foreseen = isinstance(error, WindlassError)
                _log.error("an answer breaks off: %s", error, exc_info=None if foreseen else error)
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class FileAnswer(StreamAnswer):
    """A file that is made while it is sent.

    What goes wrong while the first piece is made is answered like any other error; later the connection breaks off, so
    that nobody takes the part for the whole.
    """

    def __init__(self, pieces: Iterator[bytes], media_type: str, name: str) -> None:
        super().__init__(media_type, [("content-disposition", f'attachment; filename="{name}"')])
        self._first = next(pieces, b"")
        self._rest = pieces

    async def pieces(self, ended: asyncio.Event) -> AsyncIterator[bytes]:
        """The file."""
        piece: bytes | None = self._first
        while piece is not None:
            yield piece
            if ended.is_set():
                raise ConnectionError("the file was given up before its end")
            piece = await in_thread(next, self._rest, None)


async def watch(receive: Receive, ended: asyncio.Event) -> None:
    """Say when the client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
    ended.set()


async def wait(ended: asyncio.Event, seconds: float) -> bool:
    """Wait so long; whether the stream has ended meanwhile."""
    with suppress(TimeoutError):
        await asyncio.wait_for(ended.wait(), seconds)
    return ended.is_set()


def end_streams() -> None:
    """Let the endless streams of this event loop end, for its server stops."""
    for ended, answer in _under_way.get(asyncio.get_running_loop(), {}).items():
        if answer.endless:
            ended.set()
