"""Searching what is in memory: the plain meaning of filters, orderings and pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cmp_to_key, partial
from typing import Any, TypeVar

from windlass.entities import Page
from windlass.search import Field, OrderBy, Query, Value, decode_cursor, encode_cursor, matches
from windlass.search.cursor import SortValue

T = TypeVar("T")


def search(
    entities: Iterable[T],
    query: Query,
    *,
    values: Callable[[T, Field], Iterable[Value]],
    sort_value: Callable[[T, OrderBy], SortValue],
    key: bytes,
) -> Page[T]:
    """One page of the entities that match; `key` signs the page token."""
    directions = [order.ascending for order in query.order_by]
    after = decode_cursor(query, key)
    found = [
        ([_comparable(sort_value(entity, order)) for order in query.order_by], entity)
        for entity in entities
        if matches(query.filter, partial(values, entity))
    ]
    in_order = cmp_to_key(partial(_compare, directions=directions))
    found.sort(key=lambda row: in_order(row[0]))
    rest = [row for row in found if after is None or _compare(row[0], after, directions=directions) > 0]
    page = rest[: query.max_results]
    more = len(rest) > len(page)
    return Page([entity for _, entity in page], encode_cursor(page[-1][0], query, key) if more else None)


def attribute(entity: object, name: str) -> list[Value]:
    """The values of an attribute: one, or none if it is None."""
    value = getattr(entity, name)
    return [] if value is None else [value]


def first(values: Iterable[Value]) -> SortValue:
    """What an entity is sorted by when it has at most one value."""
    return next(iter(values), None)


def _comparable(value: SortValue) -> SortValue:
    is_nan = isinstance(value, float) and value != value  # noqa: PLR0124  NaN is the only value that differs from itself
    return None if is_nan else value


def _less(one: Any, other: Any) -> bool:
    return bool(one < other)


def _compare(left: Sequence[SortValue], right: Sequence[SortValue], *, directions: Sequence[bool]) -> int:
    """-1, 0 or 1; what is missing comes last in both directions."""
    for one, other, ascending in zip(left, right, directions, strict=True):
        if one == other:
            continue
        if one is None or other is None:
            return 1 if one is None else -1
        return -1 if _less(one, other) is ascending else 1
    return 0
