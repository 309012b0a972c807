"""Children: loading what many entities have with one statement a table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
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


def is_selected(key: sa.Column[Any]) -> sa.ColumnElement[bool]:
    """The condition by which `load_rows` fills in the keys that are wanted."""
    return key.in_(sa.bindparam("keys", expanding=True))


def load_rows(
    connection: sa.Connection, statement: sa.Select[Any], owners: Sequence[str], *, keys: Sequence[str] | None = None
) -> Iterator[Any]:
    """The rows of a statement with `belongs_to_many` that belong to one of the owners.

    `keys` are for a statement with `is_selected`.
    """
    given = {} if keys is None else {"keys": keys}
    for some in chunks(owners):
        yield from connection.execute(statement, {"owners": some, **given})


def load_texts(
    connection: sa.Connection, table: sa.Table, owners: Sequence[str], *, keys: Collection[str] | None = None
) -> Mapping[str, dict[str, str]]:
    """Params or tags by owner, those with one of the keys or all; the owner is the table's first column."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    if keys is not None and not keys:
        return found
    wanted = None if keys is None else sorted(keys)
    for owner, key, value in load_rows(connection, _texts(table, some=wanted is not None), owners, keys=wanted):
        found[owner][key] = value
    return found


@cache
def _texts(table: sa.Table, *, some: bool) -> sa.Select[Any]:
    owner = table.columns[0]
    texts = sa.select(owner, table.c.key, table.c.value).where(belongs_to_many(owner))
    return texts.where(is_selected(table.c.key)) if some else texts


def grouped(pairs: Iterable[tuple[str, T]]) -> Mapping[str, list[T]]:
    """Values by owner, in their order."""
    found: dict[str, list[T]] = defaultdict(list)
    for owner, value in pairs:
        found[owner].append(value)
    return found
