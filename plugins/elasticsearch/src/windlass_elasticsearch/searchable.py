"""Searchable: what a filter and an ordering can see of an entity, as fields of its documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from windlass.search import FieldKind


@dataclass(frozen=True, slots=True)
class Searchable:
    """The fields of an entity's documents.

    Attributes are fields of the same name: `texts` as `windlass_elasticsearch.texts` keeps them, `numbers` whole ones.
    Of the numbers in `optional` a field `has_NAME` says whether they are there. `keyed` are the nested lists of params
    and tags, `metrics` that of the metrics and `datasets` that of the data sets, if it has any. Of metrics that are
    `measured` there may be several of one key, of which a field says for which data sets each is the newest.
    """

    index: str
    texts: frozenset[str]
    numbers: frozenset[str]
    optional: frozenset[str] = frozenset()
    keyed: Mapping[FieldKind, str] = field(default_factory=dict)
    metrics: str | None = None
    measured: bool = False
    datasets: str | None = None
