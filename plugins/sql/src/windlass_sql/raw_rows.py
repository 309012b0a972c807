"""Reading what belongs to many owners, past what SQLAlchemy does for each statement and row."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from windlass.wire.encoded import encoded_array, encoded_pair
from windlass_sql.children import belongs_to_many, chunks, is_selected
from windlass_sql.dialect import sqlite_connection

_IN = "IN (SELECT value FROM json_each(?))"


def all_rows(connection: sa.Connection, statement: sa.Select[Any]) -> Sequence[Any]:
    """All rows as the driver's own tuples: of a long history, SQLAlchemy's would cost as much as the query."""
    with connection.execute(statement) as result:
        rows: Sequence[Any] = result.cursor.fetchall()
        return rows


class RowsOf:
    """A selection of columns from a table by its first column, the owner, and if `keyed` by the column `key` too.

    Rows begin with the owner and come in the order of the primary key.
    """

    def __init__(self, table: sa.Table, columns: Sequence[str], *, keyed: bool = False) -> None:
        owner = table.columns[0]
        chosen = [owner, *(table.c[name] for name in columns)]
        order = [column for column in table.primary_key if any(column is one for one in chosen)]
        self._text = f"SELECT {_names(chosen)} FROM {table.name} WHERE {_names([owner])} {_IN}"  # noqa: S608  our names
        self._statement = sa.select(*chosen).where(belongs_to_many(owner)).order_by(*order)
        if keyed:
            self._text += f' AND "key" {_IN}'
            self._statement = self._statement.where(is_selected(table.c.key))
        self._text += f" ORDER BY {_names(order)}"

    def read(
        self, connection: sa.Connection, owners: Sequence[str], keys: Collection[str] | None = None
    ) -> Iterator[Any]:
        """The rows of these owners."""
        if connection.dialect.name == "sqlite":
            yield from sqlite_connection(connection).execute(self._text, _arguments(owners, keys))
            return
        for some in chunks(owners):
            named = {"owners": some} if keys is None else {"owners": some, "keys": sorted(keys)}
            yield from connection.execute(self._statement, named)


class TextsOf:
    """Params or tags of many owners as JSON arrays, which SQLite makes itself in a third of the time."""

    def __init__(self, table: sa.Table, *, keyed: bool = False) -> None:
        self._rows = RowsOf(table, ("key", "value"), keyed=keyed)
        self._text = f"""
            SELECT {table.columns[0].name}, json_group_array(json_object('key', "key", 'value', value))
            FROM {table.name} WHERE {table.columns[0].name} {_IN} {f'AND "key" {_IN}' if keyed else ""} GROUP BY 1
        """  # noqa: S608  our own names

    def read(
        self, connection: sa.Connection, owners: Sequence[str], keys: Collection[str] | None = None
    ) -> dict[str, str]:
        """The array of each owner that has any."""
        if connection.dialect.name == "sqlite":
            return dict(sqlite_connection(connection).execute(self._text, _arguments(owners, keys)).fetchall())
        found: dict[str, list[str]] = defaultdict(list)
        for owner, key, value in self._rows.read(connection, owners, keys):
            found[owner].append(encoded_pair(key, value))
        return {owner: encoded_array(parts) for owner, parts in found.items()}


def _arguments(owners: Sequence[str], keys: Collection[str] | None) -> list[str]:
    return [json.dumps(list(owners))] if keys is None else [json.dumps(list(owners)), json.dumps(sorted(keys))]


def _names(columns: Iterable[sa.Column[Any]]) -> str:
    return ", ".join(f'"{column.name}"' for column in columns)
