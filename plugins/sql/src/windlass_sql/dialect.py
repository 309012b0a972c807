"""What differs between databases, and only that; everything else is written once.

`windlass_sql.maintenance` has what is needed to look after them.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from windlass.config import Settings
from windlass.search import ilike, like
from windlass_sql.tables.types import ExactText
from windlass_sql.tables.value_index import BEGINNING, beginning

Row = tuple[Any, ...]
_DRIVERS = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "mssql": "mssql+pyodbc"}
MYSQL = {"mysql", "mariadb"}
_WAL_PAGES = 4000


def with_driver(url: sa.URL) -> sa.URL:
    """The URL with the driver that we test, if it names none."""
    return url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))


def is_memory(url: sa.URL) -> bool:
    """Whether this is a SQLite database in memory, which lives and dies with one connection."""
    return url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}


def is_sqlite(engine: sa.Engine) -> bool:
    """Whether this is SQLite, where one writes at a time."""
    return engine.dialect.name == "sqlite"


def engine_options(url: sa.URL, *, patient: bool) -> dict[str, Any]:
    """How to connect to a server: one that does not answer is given up in seconds, whatever the driver would do.

    `patient` is for changing and copying whole tables, where a statement may take hours. What the URL itself says goes
    first.
    """
    options: dict[str, Any] = {}
    if url.get_backend_name() in MYSQL:
        # The sessions of reading transactions; those that write ask for another level.
        options["isolation_level"] = "REPEATABLE READ"
    given = {*url.query, *(("read_timeout", "write_timeout") if patient else ())}
    timeouts = _TIMEOUTS.get(url.get_backend_name(), {})
    return options | {"connect_args": {name: value for name, value in timeouts.items() if name not in given}}


# Seconds; `tcp_user_timeout` is in milliseconds. PostgreSQL's own statements may take as long as they need.
_TIMEOUTS: Mapping[str, Mapping[str, Any]] = {
    "postgresql": {
        "connect_timeout": 5,
        "tcp_user_timeout": 15_000,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "application_name": "windlass",
    },
    "mysql": {"connect_timeout": 5, "read_timeout": 120, "write_timeout": 60},
    "mssql": {"timeout": 5},
}


def begin_read(connection: sa.Connection) -> None:
    """Begin a transaction whose statements all see the same moment."""
    name = connection.dialect.name
    if name == "sqlite":
        connection.begin()
        sqlite_connection(connection).execute("BEGIN")
    elif name == "postgresql":
        connection.execution_options(isolation_level="REPEATABLE READ")


def begin_write(connection: sa.Connection) -> None:
    """Begin a transaction that will write; SQLite waits here for other writers, and never later.

    On servers each statement sees what was committed before it: what must not change is locked first and read then.
    """
    connection.begin()
    if connection.dialect.name == "sqlite":
        sqlite_connection(connection).execute("BEGIN IMMEDIATE")
    elif connection.dialect.name in MYSQL:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")


def begin_write_now(connection: sa.Connection) -> bool:
    """Begin a transaction that will write in SQLite, if nobody else is writing; whether that is so."""
    connection.begin()
    driver = sqlite_connection(connection)
    (patience,) = driver.execute("PRAGMA busy_timeout").fetchone()
    driver.execute("PRAGMA busy_timeout=0")
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    finally:
        driver.execute(f"PRAGMA busy_timeout={patience}")
    return True


def sqlite_file(url: sa.URL) -> Path | None:
    """The file of a SQLite database."""
    return None if url.get_backend_name() != "sqlite" or is_memory(url) else Path(str(url.database))


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
    # 8 MB a connection instead of 2: what a search looks up lies all over the file.
    connection.execute("PRAGMA cache_size=-8000")


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


def is_equal(connection: sa.Connection, column: sa.ColumnElement[Any], value: str) -> sa.ColumnElement[bool]:
    """`column = value` for a text, asked so that an index over the beginnings of long ones can be used."""
    if connection.dialect.name == "postgresql" and _is_long(column):
        begins = beginning(column) == value[:BEGINNING]
        # Both conditions where one would do let it expect much fewer rows than there are.
        return begins if len(value) < BEGINNING else sa.and_(begins, column == value)
    return column == value


def is_in(connection: sa.Connection, column: sa.ColumnElement[Any], values: Sequence[Any]) -> sa.ColumnElement[bool]:
    """`column IN (values)`, likewise."""
    if connection.dialect.name == "postgresql" and _is_long(column):
        starts = list(dict.fromkeys(str(value)[:BEGINNING] for value in values))
        begins = beginning(column).in_(starts)
        return begins if all(len(start) < BEGINNING for start in starts) else sa.and_(begins, column.in_(values))
    return column.in_(values)


def indexed_text(connection: sa.Connection, column: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """What an index over texts of any length is sorted by."""
    return beginning(column) if connection.dialect.name == "postgresql" else column


def _is_long(column: sa.ColumnElement[Any]) -> bool:
    return isinstance(column.type, ExactText) and column.type.length is None


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


def scalar(connection: sa.Connection, statement: sa.Select[Any], **parameters: str) -> Any:
    """The first column of the first row of a statement with parameters, None without a row."""
    row = first_row(connection, statement, **parameters)
    return None if row is None else row[0]


def first_row(connection: sa.Connection, statement: sa.Select[Any], **parameters: str) -> Sequence[Any] | None:
    """The first row of a statement with parameters, None without a row."""
    if connection.dialect.name == "sqlite":
        row: Row | None = sqlite_connection(connection).execute(_named_sqlite_text(statement), parameters).fetchone()
        return row
    return connection.execute(statement, parameters).first()


def sqlite_connection(connection: sa.Connection) -> sqlite3.Connection:
    """The driver's own connection: on the way of every logged metric, where SQLAlchemy would take most of the time."""
    return cast("sqlite3.Connection", connection.connection.dbapi_connection)


@lru_cache(maxsize=64)
def _named_sqlite_text(statement: sa.Select[Any]) -> str:
    return str(statement.compile(dialect=sqlite.dialect(paramstyle="named")))
