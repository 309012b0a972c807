"""Database: a pool of connections, and the two kinds of transactions."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.pool import StaticPool

from windlass.config import Settings
from windlass.errors import InvalidValue, MissingDependency, Unavailable
from windlass.interfaces import WouldWait
from windlass.uri import Uri
from windlass_sql import dialect
from windlass_sql.faults import translate, unsure
from windlass_sql.savepoints import check_transaction, savepoint

_KEPT, _MOST = 8, 64
# A server has connections for all its clients, and one of us answers in no more threads than this.
_MOST_TO_SERVER = 28
_PATIENCE = 20.0


class Database:
    """A database and how to read and write in it.

    `read` and `write` give a connection in a transaction; `write` commits at the end of the block, or rolls back if the
    block raises. Every error of the database comes out as a WindlassError, `windlass_sql.retrying` knows which ones are
    worth another try.
    """

    def __init__(self, engine: sa.Engine, place: str) -> None:
        self.engine = engine
        self.place = place
        self.page_key = b""
        self._process = os.getpid()
        self._inherited: list[Any] = []
        self._own = threading.local()
        shared = isinstance(engine.pool, StaticPool)
        self._thread_lock = threading.Lock()
        # Threads of one process queue here; in SQLite's own queue they would sleep and poll.
        self._writing: AbstractContextManager[Any] = self._thread_lock if dialect.is_sqlite(engine) else nullcontext()
        # The one connection of a database in memory can do one thing at a time.
        self._reading: AbstractContextManager[Any] = self._writing if shared else nullcontext()

    @classmethod
    def connect(cls, uri: Uri, settings: Settings, *, create: bool = True, patient: bool = False) -> Database:
        """Make the pool; nothing is opened yet, but with `create` the directory of a SQLite file is made.

        `patient` lets a statement take as long as it needs, as those do that change or copy whole tables.
        """
        place = str(uri)
        try:
            url = dialect.with_driver(sa.make_url(uri.text))
            if url.get_backend_name() == "sqlite":
                return cls(_sqlite_engine(url, settings, create=create), place)
            return cls(_server_engine(url, patient=patient), place)
        except exc.ArgumentError as error:
            raise InvalidValue("uri", place, "is no database URI") from error
        except ModuleNotFoundError as error:
            extra = f"windlass-sql[{uri.scheme}]"
            raise MissingDependency(
                f"a {uri.scheme} database needs the package {error.name!r}", hint=f"pip install '{extra}'"
            ) from error
        except OSError as error:
            raise Unavailable(f"the directory of {place} cannot be made: {error.strerror}") from error

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A transaction that reads: all its statements see the same moment, and no writer waits for it."""
        if (group := self._group()) is not None:
            with self._translating():
                yield group
            return
        with self._reading, self._translating(), self._connection() as connection:
            dialect.begin_read(connection)
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction that writes."""
        if (group := self._group()) is not None:
            with self._translating(), savepoint(group):
                yield group
            return
        with self._writing, self._translating(), self._connection() as connection:
            dialect.begin_write(connection)
            yield connection
            self._commit(connection)

    @contextmanager
    def group(self, *, wait: bool = True) -> Iterator[None]:
        """Make the writes of this thread inside of the block one transaction, in which each is still whole or nothing.

        Reading inside of the block sees what was written. An error at the end concerns all of them. Without `wait`,
        which is for SQLite, WouldWait is raised where somebody else is writing.
        """
        with self.write() if wait else self._write_now() as connection:
            self._own.connection = connection
            try:
                yield
            finally:
                self._own.connection = None
            check_transaction(connection)

    @contextmanager
    def _write_now(self) -> Iterator[sa.Connection]:
        """A transaction that writes, or WouldWait."""
        if not self._thread_lock.acquire(blocking=False):
            raise WouldWait
        try:
            with self._translating(), self._connection() as connection:
                if not dialect.begin_write_now(connection):
                    raise WouldWait
                yield connection
                self._commit(connection)
        finally:
            self._thread_lock.release()

    @contextmanager
    def raw(self) -> Iterator[Any]:
        """The driver's own connection, outside of a transaction."""
        with self._translating(), self._connection() as connection:
            yield connection.connection.dbapi_connection

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def _group(self) -> sa.Connection | None:
        """The connection of the group that this thread is in the middle of."""
        return getattr(self._own, "connection", None)

    def _commit(self, connection: sa.Connection) -> None:
        try:
            connection.commit()
        except exc.DBAPIError as error:
            if error.connection_invalidated:
                raise unsure(self.place) from error
            raise

    def _connection(self) -> sa.Connection:
        if self._process != os.getpid():
            self._leave_connections_to_the_parent()
        return self.engine.connect()

    def _leave_connections_to_the_parent(self) -> None:
        """After a fork: SQLite's locks are lost when a child closes the parent's file, so it must not."""
        self._process = os.getpid()
        self._inherited.append(self.engine.pool)
        self.engine.dispose(close=False)

    @contextmanager
    def _translating(self) -> Iterator[None]:
        try:
            yield
        except (exc.SQLAlchemyError, sqlite3.Error, OverflowError, UnicodeError) as error:
            raise translate(error, self.place) from error


def _server_engine(url: sa.URL, *, patient: bool) -> sa.Engine:
    # No ping before each transaction: one whose connection turns out to be dead runs again on a new one.
    options = dialect.engine_options(url, patient=patient)
    return sa.create_engine(url, pool_size=_KEPT, max_overflow=_MOST_TO_SERVER, pool_timeout=_PATIENCE, **options)


def _sqlite_engine(url: sa.URL, settings: Settings, *, create: bool) -> sa.Engine:
    options: dict[str, Any] = {
        # None leaves BEGIN to us: the driver's own comes too late, after the first read of a transaction that writes.
        "connect_args": {
            "isolation_level": None,
            "timeout": settings.sqlite_busy_timeout,
            "check_same_thread": False,
        }
    }
    if dialect.is_memory(url):
        options["poolclass"] = StaticPool
    else:
        options |= {"pool_size": _KEPT, "max_overflow": _MOST, "pool_timeout": settings.sqlite_busy_timeout}
        if create:
            Path(str(url.database)).absolute().parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url, **options)

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        dialect.prepare_sqlite(connection, settings)

    return engine
