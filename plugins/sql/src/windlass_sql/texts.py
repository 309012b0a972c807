"""Texts: writing params and tags."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from windlass.errors import Conflict
from windlass_sql import inserts
from windlass_sql.children import chunks


def put_tags(
    connection: sa.Connection, table: sa.Table, owner: str, tags: Mapping[str, str], *, beside: tuple[Any, ...] = ()
) -> None:
    """Set tags, replacing those with the same key.

    The owner is the table's first column; `beside` are the columns behind the value, if it has any.
    """
    if tags:
        inserts.put(connection, table, [(owner, key, value, *beside) for key, value in tags.items()])


def delete_tags(connection: sa.Connection, table: sa.Table, owner: str, keys: Collection[str]) -> None:
    """Remove the tags with these keys, as far as they are there."""
    for some in chunks(list(keys)):
        connection.execute(table.delete().where(table.columns[0] == owner, table.c.key.in_(some)))


def add_params(
    connection: sa.Connection,
    table: sa.Table,
    owner: str,
    params: Mapping[str, str],
    *,
    what: str,
    beside: tuple[Any, ...] = (),
) -> None:
    """Write params once: Conflict if one has another value already; `what` names the owner in the message."""
    old = _present(connection, table, owner, list(params))
    for key, value in params.items():
        if old.get(key, value) != value:
            raise Conflict(
                f"{what} has the param {key!r} with the value {old[key]!r} already, got {value!r}",
                hint="a param is written once; use a tag for what changes",
                field=key,
            )
    if rows := [(owner, key, value, *beside) for key, value in params.items() if key not in old]:
        inserts.put(connection, table, rows)


def _present(connection: sa.Connection, table: sa.Table, owner: str, keys: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for some in chunks(keys):
        statement = sa.select(table.c.key, table.c.value).where(table.columns[0] == owner, table.c.key.in_(some))
        found |= {row.key: row.value for row in connection.execute(statement)}
    return found
