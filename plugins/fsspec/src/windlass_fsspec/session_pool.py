"""SessionPool: connections to a file server, each of which one thread uses at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Generic, Protocol, TypeVar

R = TypeVar("R")


class Session(Protocol):
    """One connection that has signed in."""

    def is_usable(self, error: BaseException | None = None) -> bool:
        """Whether another request may be made, after one that ended with `error` if there is one."""
        ...

    def close(self) -> None:
        """Hang up, without an error."""
        ...


S = TypeVar("S", bound=Session)


class SessionPool(Generic[S]):
    """Sessions that wait for their next use; a thread that finds none connects, so nobody ever waits for another.

    At most `keep` are kept. A session that broke is closed, and all that waited with it: the server was restarted.
    """

    def __init__(self, connect: Callable[[], S], *, keep: int = 8) -> None:
        self._connect = connect
        self._keep = keep
        self._idle: list[S] = []
        self._lock = Lock()
        self._owner = os.getpid()
        self._closed = False

    @contextmanager
    def session(self) -> Iterator[S]:
        """A session for the time of the block."""
        session = self.take()
        try:
            yield session
        except BaseException as error:
            self.give_back(session, error)
            raise
        self.give_back(session)

    def read(self, do: Callable[[S], R]) -> R:
        """What `do` returns, which changes nothing: if a session that had waited breaks, another one is asked."""
        session, waited = self._take()
        try:
            answer = do(session)
        except Exception as error:
            again = waited and not session.is_usable(error)
            self.give_back(session, error)
            if not again:
                raise
        else:
            self.give_back(session)
            return answer
        with self.session() as fresh:
            return do(fresh)

    def take(self) -> S:
        """A session, to be given back."""
        return self._take()[0]

    def give_back(self, session: S, error: BaseException | None = None) -> None:
        """The session is not needed any more; `error` is what its last request ended with."""
        if not session.is_usable(error):
            session.close()
            self.clear()
            return
        with self._lock:
            kept = not self._closed and len(self._idle) < self._keep
            if kept:
                self._idle.append(session)
        if not kept:
            session.close()

    def clear(self) -> None:
        """Close the sessions that wait."""
        with self._lock:
            idle, self._idle = self._idle, []
        for session in idle:
            session.close()

    def close(self) -> None:
        """Close the sessions that wait now, and the others when they are given back."""
        self._closed = True
        self.clear()

    def _take(self) -> tuple[S, bool]:
        with self._lock:
            if self._owner != os.getpid():
                # A child process must not talk on its parent's connections, nor hang up on them.
                self._idle, self._owner = [], os.getpid()
            while self._idle:
                if (session := self._idle.pop()).is_usable():
                    return session, True
                session.close()
        return self._connect(), False
