"""What a backup can be read from: a dump, or a SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa

from windlass.errors import Corrupted, InvalidValue, NotFound
from windlass_sql import maintenance
from windlass_sql.dump import MAGIC, DumpReader, Row
from windlass_sql.rows import our_tables, stream
from windlass_sql.schema import revision

_SQLITE_MAGIC = b"SQLite format 3\0"


class Source(Protocol):
    """The tables of a backup, those that others refer to first."""

    @property
    def revision(self) -> str:
        """The revision of its schema."""
        ...

    def problems(self) -> list[str]:
        """What is wrong with it, as far as that can be told before reading."""
        ...

    def tables(self) -> Iterator[tuple[str, list[str], Iterator[Row]]]:
        """The name, the columns and the rows of each table; the rows must be read before the next one is asked for."""
        ...


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """The backup in a file of either kind; InvalidValue if it is none."""
    try:
        with path.open("rb") as file:
            start = file.read(len(_SQLITE_MAGIC))
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {path}") from error
    if start == _SQLITE_MAGIC:
        with _opened_sqlite(path) as connection:
            yield SqliteSource(connection)
    elif start.startswith(MAGIC):
        yield DumpReader(path)
    else:
        raise InvalidValue("file", str(path), "is no backup of Windlass")


class SqliteSource:
    """A SQLite file, which is not changed."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self.revision = revision(connection)
        if not self.revision:
            raise InvalidValue("file", str(connection.engine.url.database), "is a SQLite file, but none of Windlass")

    def problems(self) -> list[str]:
        """What SQLite finds."""
        return maintenance.damage(self._connection)

    def tables(self) -> Iterator[tuple[str, list[str], Iterator[Row]]]:
        """Each table with its rows."""
        for table in our_tables(self._connection):
            yield table.name, table.columns.keys(), stream(self._connection, table)


@contextmanager
def _opened_sqlite(path: Path) -> Iterator[sa.Connection]:
    uri = f"{path.absolute().as_uri()}?mode=ro"
    engine = sa.create_engine("sqlite://", creator=lambda: sqlite3.connect(uri, uri=True), poolclass=sa.NullPool)
    try:
        with engine.connect() as connection:
            yield connection
    except (sa.exc.DatabaseError, sqlite3.DatabaseError) as error:
        raise Corrupted(f"the backup {path} is damaged", hint="use another one") from error
    finally:
        engine.dispose()
