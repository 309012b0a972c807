"""What differs between databases, and only that; everything else is written once."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from windlass.config import Settings
from windlass.search import ilike, like

Row = tuple[Any, ...]
_ON_CONFLICT: dict[str, Callable[[sa.Table], Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_DRIVERS = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "mssql": "mssql+pyodbc"}
_CREATION_LOCK = 0x77696E64
_WAL_PAGES = 4000
_NEWER = ("step", "timestamp", "kind", "value")


def with_driver(url: sa.URL) -> sa.URL:
    """The URL with the driver that we test, if it names none."""
    return url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))


def is_memory(url: sa.URL) -> bool:
    """Whether this is a SQLite database in memory, which lives and dies with one connection."""
    return url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}


def is_sqlite(engine: sa.Engine) -> bool:
    """Whether this is SQLite, where one writes at a time."""
    return engine.dialect.name == "sqlite"


def begin_read(connection: sa.Connection) -> None:
    """Begin a transaction whose statements all see the same moment."""
    name = connection.dialect.name
    if name == "sqlite":
        connection.begin()
        _sqlite(connection).execute("BEGIN")
    elif name == "postgresql":
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def begin_write(connection: sa.Connection) -> None:
    """Begin a transaction that will write; SQLite waits here for other writers, and never later."""
    connection.begin()
    if connection.dialect.name == "sqlite":
        _sqlite(connection).execute("BEGIN IMMEDIATE")


def lock_creation(connection: sa.Connection) -> None:
    """Let other processes that find the database empty wait until this transaction has created the tables."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_CREATION_LOCK})")


def prepare_sqlite(connection: sqlite3.Connection, settings: Settings) -> None:
    """Set up a new connection to a SQLite file or memory."""
    connection.create_function("windlass_like", 2, like, deterministic=True)
    connection.create_function("windlass_ilike", 2, ilike, deterministic=True)
    _switch_to_wal(connection, settings.sqlite_busy_timeout)
    connection.execute(f"PRAGMA synchronous={settings.sqlite_synchronous.upper()}")
    connection.execute("PRAGMA foreign_keys=ON")
    # 16 MB of log instead of 4: pages that many batches touch are copied into the file less often.
    connection.execute(f"PRAGMA wal_autocheckpoint={_WAL_PAGES}")
    connection.execute("PRAGMA temp_store=MEMORY")


def _switch_to_wal(connection: sqlite3.Connection, patience: float) -> None:
    """SQLite does not wait when several processes do this to a new file at once, so we do."""
    deadline = time.monotonic() + patience
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def is_like(connection: sa.Connection, column: sa.ColumnElement[Any], pattern: str) -> sa.ColumnElement[bool]:
    """`column LIKE pattern`, minding the case."""
    if connection.dialect.name == "sqlite":
        return sa.func.windlass_like(column, pattern, type_=sa.Boolean)
    return column.like(_escaped(pattern), escape="\\")


def is_ilike(connection: sa.Connection, column: sa.ColumnElement[Any], pattern: str) -> sa.ColumnElement[bool]:
    """`column ILIKE pattern`, both sides in lower case."""
    if connection.dialect.name == "sqlite":
        return sa.func.windlass_ilike(column, pattern, type_=sa.Boolean)
    if connection.dialect.name == "postgresql":
        # The collation C, in which texts are ordered, knows the case of ASCII letters only.
        column = column.collate("und-x-icu")
    return sa.func.lower(column).like(_escaped(pattern.lower()), escape="\\")


def _escaped(pattern: str) -> str:
    return pattern.replace("\\", "\\\\")


def add_missing(connection: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Insert the rows whose key is not there yet."""
    if connection.dialect.name in _ON_CONFLICT:
        _run(connection, _ignoring(table, connection.dialect.name), rows)
        return
    for row in rows:
        if not _exists(connection, table, row):
            connection.execute(table.insert(), _named(table, row))


def put(connection: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Insert the rows, replacing those with the same key."""
    if connection.dialect.name in _ON_CONFLICT:
        _run(connection, _replacing(table, connection.dialect.name), rows)
        return
    for row in rows:
        _put_row(connection, table, row)


def put_newer(connection: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Insert points of metrics, replacing those with the same key that are older."""
    if connection.dialect.name in _ON_CONFLICT:
        _run(connection, _replacing_older(table, connection.dialect.name), rows)
        return
    order = [table.c[name] for name in _NEWER]
    places = [table.columns.keys().index(name) for name in _NEWER]
    for row in rows:
        old = connection.execute(sa.select(*order).where(_key(table, row))).one_or_none()
        if old is None or tuple(old) < tuple(row[place] for place in places):
            _put_row(connection, table, row)


@lru_cache(maxsize=64)
def _ignoring(table: sa.Table, name: str) -> sa.Insert:
    statement: sa.Insert = _ON_CONFLICT[name](table).on_conflict_do_nothing()
    return statement


@lru_cache(maxsize=64)
def _replacing(table: sa.Table, name: str) -> sa.Insert:
    insert = _ON_CONFLICT[name](table)
    statement: sa.Insert = insert.on_conflict_do_update(
        index_elements=list(table.primary_key), set_={one.name: insert.excluded[one.name] for one in _others(table)}
    )
    return statement


@lru_cache(maxsize=64)
def _replacing_older(table: sa.Table, name: str) -> sa.Insert:
    insert = _ON_CONFLICT[name](table)
    newer = sa.tuple_(*(insert.excluded[one] for one in _NEWER)) > sa.tuple_(*(table.c[one] for one in _NEWER))
    statement: sa.Insert = insert.on_conflict_do_update(
        index_elements=list(table.primary_key),
        set_={one.name: insert.excluded[one.name] for one in _others(table)},
        where=newer,
    )
    return statement


def _run(connection: sa.Connection, statement: sa.Insert, rows: Sequence[Row]) -> None:
    """Execute an insert of whole rows; SQLite takes them as they are, which doubles the speed of logging."""
    if connection.dialect.name == "sqlite":
        _sqlite(connection).executemany(_sqlite_text(statement), rows)
    else:
        names = statement.table.columns.keys()
        connection.execute(statement, [dict(zip(names, row, strict=True)) for row in rows])


def scalar(connection: sa.Connection, statement: sa.Select[Any], **parameters: str) -> Any:
    """The first column of the first row of a statement with parameters, None without a row."""
    if connection.dialect.name == "sqlite":
        row = _sqlite(connection).execute(_named_sqlite_text(statement), parameters).fetchone()
        return None if row is None else row[0]
    return connection.execute(statement, parameters).scalar()


def _sqlite(connection: sa.Connection) -> sqlite3.Connection:
    """The driver's own connection: on the way of every logged metric, where SQLAlchemy would take most of the time."""
    return cast("sqlite3.Connection", connection.connection.dbapi_connection)


@lru_cache(maxsize=64)
def _sqlite_text(statement: sa.Insert) -> str:
    return str(statement.compile(dialect=sqlite.dialect(paramstyle="qmark")))


@lru_cache(maxsize=64)
def _named_sqlite_text(statement: sa.Select[Any]) -> str:
    return str(statement.compile(dialect=sqlite.dialect(paramstyle="named")))


def _others(table: sa.Table) -> list[sa.Column[Any]]:
    return [column for column in table.columns if not column.primary_key]


def _named(table: sa.Table, row: Row) -> dict[str, Any]:
    return dict(zip(table.columns.keys(), row, strict=True))


def _key(table: sa.Table, row: Row) -> sa.ColumnElement[bool]:
    named = _named(table, row)
    return sa.and_(*(column == named[column.name] for column in table.primary_key))


def _exists(connection: sa.Connection, table: sa.Table, row: Row) -> bool:
    return connection.execute(sa.select(sa.literal(1)).select_from(table).where(_key(table, row))).first() is not None


def _put_row(connection: sa.Connection, table: sa.Table, row: Row) -> None:
    named = _named(table, row)
    changed = {column.name: named[column.name] for column in _others(table)}
    if _exists(connection, table, row):
        connection.execute(table.update().where(_key(table, row)).values(changed))
    else:
        connection.execute(table.insert(), named)
