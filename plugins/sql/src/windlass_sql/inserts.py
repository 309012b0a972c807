"""Inserting rows: whole, where they are missing, or in place of others, in whichever way a database does it best."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import import_module
from itertools import chain
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from windlass_sql import dialect
from windlass_sql.dialect import MYSQL, Row

_ON_CONFLICT = frozenset({"sqlite", "postgresql"})
_AT_ONCE = 100
_NEWER = ("step", "timestamp", "kind", "value")


def insert(connection: sa.Connection, table: sa.Table, values: Mapping[str, Any]) -> None:
    """Insert a row of which every column is given."""
    _run(connection, _inserting(table), [tuple(values[column.name] for column in table.columns)])


def add_missing(connection: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Insert the rows whose key is not there yet; all of them may leave out the same columns at the end, for NULL."""
    name = connection.dialect.name
    if name in _ON_CONFLICT:
        _run(connection, _ignoring(table, name), rows)
    elif name in MYSQL:
        _run(connection, _mysql_ignoring(table), rows)
    else:
        for row in rows:
            if not _exists(connection, table, row):
                connection.execute(table.insert(), _named(table, row))


def put(connection: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Insert the rows, replacing those with the same key."""
    name = connection.dialect.name
    if name in _ON_CONFLICT:
        _run(connection, _replacing(table, name), rows)
    elif name in MYSQL:
        _run(connection, _mysql_replacing(table), rows)
    else:
        for row in rows:
            _put_row(connection, table, row)


def put_newer(connection: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Insert points of metrics, replacing those with the same key that are older."""
    name = connection.dialect.name
    if name in _ON_CONFLICT:
        _run(connection, _replacing_older(table, name), rows)
    elif name in MYSQL:
        _run(connection, _mysql_replacing_older(table), rows)
    else:
        for row in rows:
            _put_newer_row(connection, table, row)


def _put_newer_row(connection: sa.Connection, table: sa.Table, row: Row) -> None:
    order = [table.c[name] for name in _NEWER]
    new = tuple(row[table.columns.keys().index(name)] for name in _NEWER)
    old = connection.execute(sa.select(*order).where(_key(table, row))).one_or_none()
    if old is None or tuple(old) < new:
        _put_row(connection, table, row)


def _insert(name: str, table: sa.Table) -> Any:
    """An insert with what this database can do beyond others; what knows it is only imported where there is one."""
    return import_module(f"sqlalchemy.dialects.{name}").insert(table)


@lru_cache(maxsize=64)
def _mysql_ignoring(table: sa.Table) -> sa.Insert:
    # Not INSERT IGNORE, which would swallow every other error too.
    key = next(iter(table.primary_key))
    statement: sa.Insert = _insert("mysql", table).on_duplicate_key_update({key.name: key})
    return statement


@lru_cache(maxsize=64)
def _mysql_replacing(table: sa.Table) -> sa.Insert:
    insert = _insert("mysql", table)
    # No table has a unique key besides its primary key, which this would obey as well.
    changes = {one.name: insert.inserted[one.name] for one in _others(table)}
    statement: sa.Insert = insert.on_duplicate_key_update(changes)
    return statement


@lru_cache(maxsize=64)
def _mysql_replacing_older(table: sa.Table) -> sa.Insert:
    insert = _insert("mysql", table)
    newer = sa.tuple_(*(insert.inserted[one] for one in _NEWER)) > sa.tuple_(*(table.c[one] for one in _NEWER))
    # An assignment sees the ones before it. In this order the comparison stays what it was until it no longer matters.
    names = [one.name for one in _others(table) if one.name not in _NEWER] + list(reversed(_NEWER))
    changes = [(name, sa.func.if_(newer, insert.inserted[name], table.c[name])) for name in names]
    statement: sa.Insert = insert.on_duplicate_key_update(changes)
    return statement


@lru_cache(maxsize=64)
def _inserting(table: sa.Table) -> sa.Insert:
    return table.insert()


@lru_cache(maxsize=64)
def _ignoring(table: sa.Table, name: str) -> sa.Insert:
    statement: sa.Insert = _insert(name, table).on_conflict_do_nothing()
    return statement


@lru_cache(maxsize=64)
def _replacing(table: sa.Table, name: str) -> sa.Insert:
    insert = _insert(name, table)
    statement: sa.Insert = insert.on_conflict_do_update(
        index_elements=list(table.primary_key), set_={one.name: insert.excluded[one.name] for one in _others(table)}
    )
    return statement


@lru_cache(maxsize=64)
def _replacing_older(table: sa.Table, name: str) -> sa.Insert:
    insert = _insert(name, table)
    newer = sa.tuple_(*(insert.excluded[one] for one in _NEWER)) > sa.tuple_(*(table.c[one] for one in _NEWER))
    statement: sa.Insert = insert.on_conflict_do_update(
        index_elements=list(table.primary_key),
        set_={one.name: insert.excluded[one.name] for one in _others(table)},
        where=newer,
    )
    return statement


def _run(connection: sa.Connection, statement: sa.Insert, rows: Sequence[Row]) -> None:
    """Execute an insert of rows, all as long as the first."""
    if connection.dialect.name == "sqlite":
        _run_in_sqlite(dialect.sqlite_connection(connection), statement, rows)
    else:
        connection.execute(statement, [_named(cast("sa.Table", statement.table), row) for row in rows])


def _run_in_sqlite(driver: sqlite3.Connection, statement: sa.Insert, rows: Sequence[Row]) -> None:
    """The rows as they are, and many with one statement: each of both more than doubles the speed of logging."""
    width, whole = len(rows[0]), len(rows) - len(rows) % _AT_ONCE
    for start in range(0, whole, _AT_ONCE):
        values = tuple(chain.from_iterable(rows[start : start + _AT_ONCE]))
        driver.execute(_sqlite_text(statement, width, _AT_ONCE), values)
    if whole < len(rows):
        driver.executemany(_sqlite_text(statement, width, 1), rows[whole:])


@lru_cache(maxsize=64)
def _sqlite_text(statement: sa.Insert, width: int, count: int) -> str:
    """The insert of so many rows of so many columns."""
    names = statement.table.columns.keys()[:width]
    text = str(statement.compile(dialect=sqlite.dialect(paramstyle="qmark"), column_keys=names))
    row = f"({', '.join('?' * width)})"
    return text.replace(row, ", ".join([row] * count))


def _others(table: sa.Table) -> list[sa.Column[Any]]:
    return [column for column in table.columns if not column.primary_key]


def _named(table: sa.Table, row: Row) -> dict[str, Any]:
    return dict(zip(table.columns.keys(), row, strict=False))


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
