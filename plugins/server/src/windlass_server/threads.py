"""The threads that services run in: interfaces are synchronous, only this edge is not.

A trip to `ThreadPoolExecutor` and back makes two futures with a lock each, which costs half as much again as this.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from queue import SimpleQueue
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
_Job = tuple[asyncio.AbstractEventLoop, "asyncio.Future[Any]", Callable[[], Any]]

LIMIT = 32
"""As many calls as run at once; more wait for their turn."""


class Threads:
    """Threads that are started when they are needed and then kept."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._jobs: SimpleQueue[_Job] = SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._starting = threading.Lock()
        self._count = 0

    async def call(self, function: Callable[[], T]) -> T:
        """The function's result, or its error, from one of the threads."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        # A call knows whose request it is for, as the code around it does.
        self._jobs.put((loop, future, partial(copy_context().run, function)))
        if not self._idle.acquire(blocking=False):
            self._start_one()
        return await future

    def _start_one(self) -> None:
        with self._starting:
            if self._count < self._limit:
                self._count += 1
                name = f"windlass-server-{self._count}"
                threading.Thread(target=self._work, name=name, daemon=True).start()

    def _work(self) -> None:
        while True:
            loop, future, function = self._jobs.get()
            result, error = None, None
            try:
                result = function()
            except BaseException as raised:  # noqa: BLE001  whoever waits for the result gets it
                error = raised
            # A loop that closed meanwhile has nobody who waits.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(_settle, future, result, error)
            del loop, future, function, result, error
            self._idle.release()


def _settle(future: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)


_threads = Threads()


async def in_thread(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Call the function in one of the server's threads and wait for its result."""
    return await _threads.call(lambda: function(*args, **kwargs))
