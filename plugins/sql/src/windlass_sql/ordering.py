"""Orderings and pages: what NaN and missing values do, and where the next page begins.

Each key of an ordering becomes columns that are never NULL: for what may be missing first a flag, 1 for missing, which
is sorted upwards whatever the direction. A page token holds those columns of the page's last row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from windlass.entities import ViewType
from windlass.errors import InvalidQuery
from windlass.search import FieldKind, OrderBy, Query, decode_cursor, encode_cursor
from windlass.search.cursor import SortValue
from windlass_sql.filters import compile_filter
from windlass_sql.numbers import NAN
from windlass_sql.searchable import Column, Condition, Searchable

_SORT = "windlass_sort_"


@dataclass(frozen=True, slots=True)
class _Key:
    """A column to sort by, its direction, and the table that must be joined for it, if any."""

    column: Column
    ascending: bool
    joined: tuple[sa.FromClause, Condition] | None = None


def fetch_page(
    connection: sa.Connection, query: Query, entity: Searchable, *conditions: Condition, page_key: bytes
) -> tuple[Sequence[Any], str | None]:
    """The rows of the page, and the token of the next one; `conditions` say which rows may be searched at all."""
    signing_key = page_key + entity.name.encode()
    keys = [key for order in query.order_by for key in _keys(entity, order)]
    after = decode_cursor(query, signing_key)
    if after is not None and len(after) != len(keys):
        raise InvalidQuery("page_token", query.page_token, "does not belong to this query")
    source = entity.source
    for key in keys:
        if key.joined is not None:
            source = source.outerjoin(*key.joined)
    labelled = [key.column.label(f"{_SORT}{number}") for number, key in enumerate(keys)]
    statement = (
        sa.select(*entity.columns, *labelled)
        .select_from(source)
        .where(*conditions, compile_filter(connection, query, entity))
        .order_by(*(key.column.asc() if key.ascending else key.column.desc() for key in keys))
        .limit(query.max_results + 1)
    )
    if after:
        statement = statement.where(_after(keys, after))
    rows = connection.execute(statement).all()
    page = rows[: query.max_results]
    if len(rows) == len(page):
        return page, None
    return page, encode_cursor(list(page[-1])[-len(keys) :] if keys else [], query, signing_key)


def in_view(column: Column, view: ViewType) -> Condition:
    """Whether a row of this life-cycle stage belongs into the view."""
    if view is ViewType.ALL:
        return sa.true()
    stage: Condition = column == ("active" if view is ViewType.ACTIVE_ONLY else "deleted")
    return stage


def _keys(entity: Searchable, order: OrderBy) -> list[_Key]:
    kind, name = order.field.kind, order.field.key
    if kind is FieldKind.ATTRIBUTE:
        column = entity.attributes[name]
        if not getattr(column, "nullable", True):
            return [_Key(column, order.ascending)]
        return _nullable(column, ascending=order.ascending)
    if kind is FieldKind.METRIC and entity.metrics is not None:
        return _metric(entity.metrics.newest(order), entity.metrics.belongs, ascending=order.ascending)
    texts = entity.texts[kind]
    table = texts.table.alias()
    joined = (table, sa.and_(texts.belongs(table), table.c.key == name))
    return _nullable(table.c.value, ascending=order.ascending, joined=joined)


def _nullable(column: Column, *, ascending: bool, joined: tuple[sa.FromClause, Condition] | None = None) -> list[_Key]:
    empty = "" if isinstance(column.type, sa.String) else 0
    missing = sa.case((column.is_(None), 1), else_=0)
    return [_Key(missing, ascending=True, joined=joined), _Key(sa.func.coalesce(column, empty), ascending)]


def _metric(points: sa.FromClause, belongs: Any, *, ascending: bool) -> list[_Key]:
    kind, value = points.c.kind, points.c.value
    number = kind > NAN
    return [
        _Key(sa.case((number, 0), else_=1), ascending=True, joined=(points, belongs(points))),
        _Key(sa.case((number, kind), else_=0), ascending),
        _Key(sa.case((number, value), else_=0.0), ascending),
    ]


def _after(keys: Sequence[_Key], values: Sequence[SortValue]) -> Condition:
    """Whether a row comes behind one with these values."""
    condition: Condition = sa.false()
    for key, value in zip(reversed(keys), reversed(values), strict=True):
        beyond = key.column > value if key.ascending else key.column < value
        condition = sa.or_(beyond, sa.and_(key.column == value, condition))
    first = keys[0]
    # Implied by the rest, but only this an index can use.
    bound = first.column >= values[0] if first.ascending else first.column <= values[0]
    return sa.and_(bound, condition)
