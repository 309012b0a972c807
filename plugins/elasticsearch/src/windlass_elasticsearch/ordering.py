"""Orderings: the sort of a search.

What NaN is and what is missing comes last in both directions. The sort of a metric is by its kind, which NaN does not
count for, and then by its value. An optional number is missing in more than one way for the cluster, so what says that
it is there comes first.

A loose key means the metric of exactly its name for runs that have it, and the history for others: two searches, each
with its own sort, whose hits are merged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cmp_to_key
from itertools import product
from typing import Any

from windlass.errors import InvalidQuery
from windlass.search import Field, FieldKind, OrderBy, Query, readings
from windlass.search.cursor import SortValue
from windlass_elasticsearch.filters import PREFIXES
from windlass_elasticsearch.numbers import NAN, Clause, both, opposite
from windlass_elasticsearch.scopes import scope
from windlass_elasticsearch.searchable import Searchable

# Each doubles the searches.
_LOOSE = 6


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a sort; of a missing value the cluster says the greatest or the smallest number, or None."""

    field: str
    ascending: bool
    path: str | None = None
    where: Clause | None = None
    missing: Any = "_last"

    def body(self) -> Clause:
        """As the cluster reads it."""
        options: Clause = {"order": "asc" if self.ascending else "desc", "missing": self.missing}
        if self.path is not None:
            options["nested"] = {"path": self.path, "filter": self.where}
        return {self.field: options}


@dataclass(frozen=True, slots=True)
class Variant:
    """A sort, and the condition under which it is the right one; None for all."""

    keys: tuple[Key, ...]
    condition: Clause | None = None


def variants(query: Query, entity: Searchable) -> list[Variant]:
    """The sorts of a search: one, or several whose hits must be merged."""
    loose = sum(order.field.loose for order in query.order_by)
    if loose > _LOOSE:
        raise InvalidQuery(
            "order_by",
            f"{loose} keys",
            "may mean two metrics each, which are too many",
            limit=_LOOSE,
            hint="quote them",
        )
    found = []
    for chosen in product(*(list(_readings(order, entity)) for order in query.order_by)):
        keys = tuple(key for order, _ in chosen for key in _keys(order, entity))
        conditions = [condition for _, condition in chosen if condition is not None]
        found.append(Variant(keys, both(*conditions) if conditions else None))
    return found


def merged(hits: Sequence[Any], keys: Sequence[Key]) -> list[Any]:
    """Hits of several searches whose sorts have keys of the same directions, in one order."""

    def compare(one: Any, other: Any) -> int:
        for key, left, right in zip(keys, one["sort"], other["sort"], strict=True):
            if left == right:
                continue
            if left is None or right is None:
                return 1 if left is None else -1
            return -1 if (left < right) is key.ascending else 1
        return 0

    return sorted(hits, key=cmp_to_key(compare))


def _readings(order: OrderBy, entity: Searchable) -> Iterator[tuple[OrderBy, Clause | None]]:
    """The orderings that may be meant, and when each is."""
    fields = readings(order.field)
    if len(fields) == 1 or entity.metrics is None:
        yield replace(order, field=fields[0]), None
        return
    named, history = fields
    path = entity.metrics
    has = {"nested": {"path": path, "query": {"term": {f"{path}.key": named.key}}, "score_mode": "none"}}
    yield replace(order, field=named), has
    yield replace(order, field=history), opposite(has)


def _keys(order: OrderBy, entity: Searchable) -> list[Key]:
    kind, name = order.field.kind, order.field.key
    if kind is FieldKind.ATTRIBUTE:
        first = [Key(f"has_{name}", ascending=False)] if name in entity.optional else []
        return [*first, Key(name, order.ascending, missing=0 if first else "_last")]
    if kind is FieldKind.METRIC and entity.metrics is not None:
        return _metric(order, order.field, entity, entity.metrics)
    path = entity.keyed[kind]
    return [Key(f"{path}.value", order.ascending, path, {"term": {f"{path}.key": name}})]


def _metric(order: OrderBy, field: Field, entity: Searchable, path: str) -> list[Key]:
    prefix = f"{path}.{PREFIXES[field.aggregate]}"
    conditions: list[Clause] = [{"term": {f"{path}.key": field.key}}, {"range": {f"{prefix}kind": {"gt": NAN}}}]
    if entity.measured:
        conditions.append({"term": {f"{path}.newest": scope(order.dataset_name, order.dataset_digest)}})
    where = both(*conditions)
    return [
        Key(f"{prefix}kind", order.ascending, path, where),
        Key(f"{prefix}value", order.ascending, path, where, missing=0),
    ]


def cursor_of(hit: Any) -> list[SortValue]:
    """Where a hit stands, for the token of the next page."""
    return list(hit["sort"])
