"""Rows: reading and writing whole tables of any revision of the schema, as they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import sqlalchemy as sa

from windlass_sql.schema import version_table

Row = Sequence[Any]
_PREFIX = "windlass_"
_AT_ONCE = 500


def our_tables(connection: sa.Connection) -> list[sa.TableClause]:
    """Our tables in the database, those that others refer to first."""
    inspector = sa.inspect(connection)
    names = [name for name, _ in inspector.get_sorted_table_and_fkc_names() if name is not None]
    ours = [name for name in names if name.startswith(_PREFIX) and name != version_table.name]
    return [bare_table(name, [column["name"] for column in inspector.get_columns(name)]) for name in ours]


def bare_table(name: str, columns: Iterable[str]) -> sa.TableClause:
    """A table of which nothing is known but the names of its columns."""
    return sa.table(name, *map(sa.column, columns))


def stream(connection: sa.Connection, table: sa.TableClause) -> Iterator[Row]:
    """All rows, of which only a few are in memory at a time."""
    yield from connection.execute(sa.select(table).execution_options(yield_per=_AT_ONCE))


def insert(connection: sa.Connection, table: sa.TableClause, rows: Iterable[Row]) -> None:
    """Write the rows."""
    names = table.columns.keys()
    pending = iter(rows)
    while some := [dict(zip(names, row, strict=True)) for row in islice(pending, _AT_ONCE)]:
        connection.execute(table.insert(), some)
