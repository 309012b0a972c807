"""Children: loading what many entities have with one statement a table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

import sqlalchemy as sa

T = TypeVar("T")
CHUNK = 500
"""How many values one statement compares with; databases limit their number."""


def chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """The values in pieces that fit into one statement."""
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]


def belongs_to_many(owner: sa.Column[Any]) -> sa.ColumnElement[bool]:
    """The condition by which `load_rows` fills in the owners; statements with it are built once, at import."""
    return owner.in_(sa.bindparam("owners", expanding=True))


def load_rows(connection: sa.Connection, statement: sa.Select[Any], owners: Sequence[str]) -> Iterator[Any]:
    """The rows of a statement with `belongs_to_many` that belong to one of the owners."""
    for some in chunks(owners):
        yield from connection.execute(statement, {"owners": some})


def load_texts(connection: sa.Connection, table: sa.Table, owners: Sequence[str]) -> Mapping[str, dict[str, str]]:
    """Params or tags by owner; the owner is the table's first column."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for owner, key, value in load_rows(connection, _texts(table), owners):
        found[owner][key] = value
    return found


@cache
def _texts(table: sa.Table) -> sa.Select[Any]:
    owner = table.columns[0]
    return sa.select(owner, table.c.key, table.c.value).where(belongs_to_many(owner))


def grouped(pairs: Iterable[tuple[str, T]]) -> Mapping[str, list[T]]:
    """Values by owner, in their order."""
    found: dict[str, list[T]] = defaultdict(list)
    for owner, value in pairs:
        found[owner].append(value)
    return found
