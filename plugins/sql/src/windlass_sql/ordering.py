"""Orderings: what NaN and missing values do, and which rows come behind another one.

Each key of an ordering becomes columns that are never NULL: for what may be missing first a flag, 1 for missing, which
is sorted upwards whatever the direction. A page token holds those columns of the page's last row, and so does not
depend on how the rows were found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from windlass.entities import ViewType
from windlass.search import FieldKind, OrderBy, Query
from windlass.search.cursor import SortValue
from windlass_sql.numbers import NAN
from windlass_sql.searchable import Column, Condition, Searchable
from windlass_sql.tables.types import ExactText


@dataclass(frozen=True, slots=True)
class Key:
    """A column to sort by, its direction, and the table that must be joined for it, if any.

    A `fixed` column is the same in all rows that are looked at.
    """

    column: Column
    ascending: bool
    joined: tuple[sa.FromClause, Condition] | None = None
    fixed: bool = False


def keys_of(query: Query, entity: Searchable) -> tuple[Key, ...]:
    """The columns that the query's results are sorted by."""
    return tuple(key for order in query.order_by for key in _keys(entity, order, query))


def ordered_by(keys: Sequence[Key]) -> list[Column]:
    """What to sort by in SQL."""
    return [key.column.asc() if key.ascending else key.column.desc() for key in keys if not key.fixed]


def in_order(rows: Sequence[Any], keys: Sequence[Key]) -> list[Any]:
    """Rows that end with the columns of the keys, sorted as the database does it: texts by code point."""
    found = list(rows)
    for place, key in enumerate(reversed(keys), start=1):
        if not key.fixed:
            found.sort(key=itemgetter(-place), reverse=not key.ascending)
    return found


def behind(keys: Sequence[Key], values: Sequence[SortValue]) -> Condition:
    """Whether a row comes behind one with these values."""
    pairs = [(key, value) for key, value in zip(keys, values, strict=True) if not key.fixed]
    condition: Condition = sa.false()
    for key, value in reversed(pairs):
        beyond = key.column > value if key.ascending else key.column < value
        condition = sa.or_(beyond, sa.and_(key.column == value, condition))
    first, start = pairs[0]
    # Implied by the rest, but only this an index can use.
    bound = first.column >= start if first.ascending else first.column <= start
    return sa.and_(bound, condition)


def in_view(column: Column, view: ViewType) -> Condition:
    """Whether a row of this life-cycle stage belongs into the view."""
    if view is ViewType.ALL:
        return sa.true()
    stage: Condition = column == ("active" if view is ViewType.ACTIVE_ONLY else "deleted")
    return stage


def _keys(entity: Searchable, order: OrderBy, query: Query) -> list[Key]:
    kind, name = order.field.kind, order.field.key
    if kind is FieldKind.ATTRIBUTE:
        column = entity.attributes[name]
        if not getattr(column, "nullable", True):
            return [Key(column, order.ascending)]
        return _nullable(column, ascending=order.ascending)
    if kind is FieldKind.METRIC and entity.metrics is not None:
        return _metric(entity.metrics.newest(order, query), entity.metrics.belongs, ascending=order.ascending)
    texts = entity.texts[kind]
    table = texts.table.alias()
    joined = (table, sa.and_(texts.belongs(table), table.c.key == name))
    return _nullable(table.c.value, ascending=order.ascending, joined=joined)


def _nullable(column: Column, *, ascending: bool, joined: tuple[sa.FromClause, Condition] | None = None) -> list[Key]:
    empty = "" if isinstance(column.type, sa.String | ExactText) else 0
    missing = sa.case((column.is_(None), 1), else_=0)
    return [Key(missing, ascending=True, joined=joined), Key(sa.func.coalesce(column, empty), ascending)]


def _metric(points: sa.FromClause, belongs: Any, *, ascending: bool) -> list[Key]:
    kind, value = points.c.kind, points.c.value
    number = kind > NAN
    return [
        Key(sa.case((number, 0), else_=1), ascending=True, joined=(points, belongs(points))),
        Key(sa.case((number, kind), else_=0), ascending),
        Key(sa.case((number, value), else_=0.0), ascending),
    ]
