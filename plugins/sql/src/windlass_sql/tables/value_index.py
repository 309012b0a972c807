"""An index over the values of params or tags, each database's way: most limit how long an indexed value may be.

Where they do, the index has the beginning of the value; `windlass_sql.dialect.is_equal` asks so that it can be used.
Behind the value it has the run's place: the runs with one value stand in it as they do in an experiment, newest first.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

BEGINNING = 128
"""As many characters of a value are in the index of a database that limits them."""


class IndexedValue(sa.ColumnElement[str]):
    """What an index has of a value; only the definition of an index can say it like this."""

    inherit_cache = True

    def __init__(self, value: sa.Column[str]) -> None:
        self.value = value
        self.type = value.type


@compiles(IndexedValue)
def _whole(element: IndexedValue, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.value, **options))


@compiles(IndexedValue, "postgresql")
def _function(element: IndexedValue, compiler: Any, **options: Any) -> str:
    return str(compiler.process(beginning(element.value), **options))


@compiles(IndexedValue, "mysql", "mariadb")
def _length(element: IndexedValue, compiler: Any, **options: Any) -> str:
    return f"{compiler.process(element.value, **options)}({BEGINNING})"


def index_values(table: sa.Table) -> None:
    """Add the index by experiment, key and value to a table that has such columns."""
    place = (table.c.start_time.desc(), table.c.run_id)
    index = sa.Index(f"ix_{table.name}_value", table.c.experiment_id, table.c.key, IndexedValue(table.c.value), *place)
    index.ddl_if(callable_=lambda *_, dialect, **__: dialect.name != "mssql")


def beginning(value: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """What PostgreSQL's index has of a value."""
    return sa.func.left(value, sa.literal_column(str(BEGINNING)), type_=value.type)
