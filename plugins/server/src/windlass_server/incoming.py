"""Bodies of requests on their way in: large ones wait for their turn, so that together they fill no memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakKeyDictionary

from litestar import Request
from litestar.exceptions import HTTPException, InternalServerException

from windlass.errors import Unavailable

LARGE = 1 << 20
"""From so many bytes on a body is large."""
MOST_HELD = 256 << 20
"""As many bytes of large bodies one process holds at a time."""
_GONE = 499
_RETRY_AFTER = 5


def is_large(request: Request[Any, Any, Any]) -> bool:
    """Whether a request announces a large body, or does not say how large it will be."""
    return (request.content_length or 0) > LARGE or "transfer-encoding" in request.headers


async def incoming(request: Request[Any, Any, Any]) -> AsyncIterator[bytes]:
    """The body piece by piece; it ends with status 499 when the client leaves, which is no error of ours."""
    try:
        async for piece in request.stream():
            yield piece
    except InternalServerException as error:
        raise HTTPException("the client left", status_code=_GONE) from error


async def small_body(request: Request[Any, Any, Any]) -> bytes:
    """The body as one."""
    return b"".join([piece async for piece in incoming(request)])


class LargeBodies:
    """The large bodies that one process holds."""

    def __init__(self) -> None:
        self._held = 0
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def receive(self, request: Request[Any, Any, Any]) -> AsyncIterator[bytes]:
        """The body, to be read within the block; Unavailable if there are too many others.

        What is read from a body takes many times its size, so one is read after the other.
        """
        pieces: list[bytes] = []
        size = 0
        try:
            async for piece in incoming(request):
                size += len(piece)
                self._held += len(piece)
                if self._held > MOST_HELD:
                    raise Unavailable("too many large requests arrive at once", retry_after=_RETRY_AFTER)
                pieces.append(piece)
            async with self._turn:
                yield b"".join(pieces)
        finally:
            self._held -= size


_here: WeakKeyDictionary[asyncio.AbstractEventLoop, LargeBodies] = WeakKeyDictionary()


def large_bodies() -> LargeBodies:
    """Those of the process, to be exact of its event loop."""
    return _here.setdefault(asyncio.get_running_loop(), LargeBodies())
