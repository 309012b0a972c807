"""Lane: where writes queue up that would only stand in each other's way.

Where one writes at a time, threads that write compete for the database's lock and for Python's own, and eight clients
get less done than one. In a lane they queue up for one thread, and what has queued up becomes durable together. A small
write that nobody is in the way of is made at once, where it is: handing it to a thread and back would take longer.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from windlass.interfaces import GroupsWrites, WouldWait

T = TypeVar("T")
_MOST = 64


@dataclass(slots=True)
class _Job:
    """A call that waits, and what has come of it."""

    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    function: Callable[[], Any]
    result: Any = None
    error: BaseException | None = None

    def run(self) -> None:
        try:
            self.result = self.function()
        except BaseException as error:  # noqa: BLE001  whoever waits for the result gets it
            self.error = error


class Lane:
    """Runs calls that write to a store one after the other, those that wait in one group."""

    def __init__(self, store: GroupsWrites) -> None:
        self._store = store
        self._at_once = store.writes_at_once
        self._jobs: SimpleQueue[_Job] = SimpleQueue()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    async def call(self, function: Callable[[], T], *, small: bool = False) -> T:
        """The function's result, or its error; a `small` one may be called at once, in the event loop."""
        if small and self._at_once and self._jobs.empty():
            with suppress(WouldWait), self._store.write_group(wait=False):
                return function()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put(_Job(loop, future, partial(copy_context().run, function)))
        if self._thread is None:
            self._start()
        return await future

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="windlass-server-lane", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while True:
            jobs = [self._jobs.get()]
            with suppress(Empty):
                while len(jobs) < _MOST:
                    jobs.append(self._jobs.get_nowait())
            self._run(jobs)
            for loop in {job.loop for job in jobs}:
                # A loop that closed meanwhile has nobody who waits.
                with suppress(RuntimeError):
                    loop.call_soon_threadsafe(_settle, [job for job in jobs if job.loop is loop])
            del jobs

    def _run(self, jobs: list[_Job]) -> None:
        if len(jobs) == 1:
            jobs[0].run()
            return
        try:
            with self._store.write_group():
                for job in jobs:
                    job.run()
        except BaseException as error:  # noqa: BLE001  whoever waits for the results gets it
            for job in jobs:
                # What a job was refused for stays so; what it did is not kept.
                job.error = job.error or error


def _settle(jobs: list[_Job]) -> None:
    for job in jobs:
        if job.future.done():
            continue
        if job.error is None:
            job.future.set_result(job.result)
        else:
            job.future.set_exception(job.error)
