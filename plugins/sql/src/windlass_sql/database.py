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
from windlass.uri import Uri
from windlass_sql import dialect
from windlass_sql.faults import translate

_KEPT, _MOST = 8, 64


class Database:
    """A database and how to read and write in it.

    `read` and `write` give a connection in a transaction; `write` commits at the end of the block, or rolls back if the
    block raises. Every error of the database comes out as a WindlassError.
    """

    def __init__(self, engine: sa.Engine, place: str) -> None:
        self.engine = engine
        self.place = place
        self.page_key = b""
        self._process = os.getpid()
        self._inherited: list[Any] = []
        shared = isinstance(engine.pool, StaticPool)
        # Threads of one process queue here; in SQLite's own queue they would sleep and poll.
        self._writing: AbstractContextManager[Any] = threading.Lock() if dialect.is_sqlite(engine) else nullcontext()
        # The one connection of a database in memory can do one thing at a time.
        self._reading: AbstractContextManager[Any] = self._writing if shared else nullcontext()

    @classmethod
    def connect(cls, uri: Uri, settings: Settings) -> Database:
        """Make the pool; nothing is opened yet, but the directory of a SQLite file is made."""
        place = str(uri)
        try:
            url = dialect.with_driver(sa.make_url(uri.text))
            if url.get_backend_name() == "sqlite":
                return cls(_sqlite_engine(url, settings), place)
            return cls(sa.create_engine(url, pool_size=_KEPT, max_overflow=_MOST, pool_pre_ping=True), place)
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
        with self._reading, self._translating(), self._connection() as connection:
            dialect.begin_read(connection)
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction that writes."""
        with self._writing, self._translating(), self._connection() as connection:
            dialect.begin_write(connection)
            yield connection
            connection.commit()

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

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
        except (exc.SQLAlchemyError, sqlite3.Error, OverflowError) as error:
            raise translate(error, self.place) from error


def _sqlite_engine(url: sa.URL, settings: Settings) -> sa.Engine:
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
        Path(str(url.database)).absolute().parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url, **options)

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        dialect.prepare_sqlite(connection, settings)

    return engine
