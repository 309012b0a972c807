"""Looking a hit up: what a document has of a field, for filters that the index cannot answer alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from windlass.search import Field, FieldKind, Query, Value, matches
from windlass_elasticsearch.documents import Source
from windlass_elasticsearch.filters import PREFIXES
from windlass_elasticsearch.numbers import get_number
from windlass_elasticsearch.searchable import Searchable
from windlass_elasticsearch.texts import get_text


def passes(source: Source, query: Query, entity: Searchable) -> bool:
    """Whether a document satisfies the filter."""
    return matches(query.filter, lambda field: list(_values(source, field, query, entity)))


def _values(source: Source, field: Field, query: Query, entity: Searchable) -> Iterable[Value]:
    match field.kind:
        case FieldKind.ATTRIBUTE if field.key in entity.numbers:
            found: list[Value | None] = [source.get(field.key)]
        case FieldKind.ATTRIBUTE:
            found = [get_text(source, field.key)]
        case FieldKind.METRIC:
            points = [one for one in source.get(entity.metrics or "", ()) if one["key"] == field.key]
            prefix = PREFIXES[field.aggregate]
            found = [get_number(one, prefix) for one in points if _is_measured_on(one, query, entity)]
        case FieldKind.DATASET:
            found = [get_text(one, field.key) for one in source.get(entity.datasets or "", ())]
        case _:
            keyed = source.get(entity.keyed[field.kind], ())
            found = [get_text(one, "value") for one in keyed if one["key"] == field.key]
    return (one for one in found if one is not None)


def _is_measured_on(point: dict[str, Any], query: Query, entity: Searchable) -> bool:
    return (
        not entity.measured
        or not query.datasets
        or any(
            point.get("dataset_name") == name and digest in {None, point.get("dataset_digest")}
            for name, digest in query.datasets
        )
    )
