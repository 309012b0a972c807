"""Values: the params, tags and latest metrics of runs, in the order in which an index has them.

Such an index begins with the experiment and the key. Runs with the same value stand in it as in the default ordering.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from windlass.search import Aggregate, Field, FieldKind
from windlass_sql import dialect
from windlass_sql.filters import Known
from windlass_sql.numbers import NAN
from windlass_sql.ordering import Key
from windlass_sql.searchable import Column, Condition
from windlass_sql.searching import Source
from windlass_sql.tables import latest_metrics, params, run_tags, runs
from windlass_sql.tables.value_index import BEGINNING

_TEXTS = {FieldKind.PARAM: params, FieldKind.TAG: run_tags}
_PLACE = {"start_time": runs.c.start_time, "run_id": runs.c.run_id}

Rank = tuple[Any, ...]
"""What the index sorts by of a value: all of it, or the beginning of a long text."""


@dataclass(frozen=True, slots=True)
class Values:
    """The values of a field; a run has at most one.

    `columns` are what they are sorted by, `rank` are those that the index has.
    """

    field: Field
    table: sa.FromClause
    columns: tuple[Column, ...]
    rank: tuple[Column, ...]

    @classmethod
    def of(cls, connection: sa.Connection, field: Field) -> Values | None:
        """The values of a field; None if no index has them."""
        if field.kind is FieldKind.METRIC:
            if field.aggregate not in {None, Aggregate.LAST} or field.loose:
                return None
            points = latest_metrics.alias()
            return cls(field, points, (points.c.kind, points.c.value), (points.c.kind, points.c.value))
        if field.kind not in _TEXTS:
            return None
        texts = _TEXTS[field.kind].alias()
        return cls(field, texts, (texts.c.value,), (dialect.indexed_text(connection, texts.c.value),))

    def source(self, experiment_id: str, *conditions: Condition, in_order: bool = False) -> Source:
        """The runs of an experiment that have such a value, looked for from there."""
        return Source(
            self.table.join(runs, runs.c.run_id == self.table.c.run_id),
            (*conditions, *self.within(experiment_id)),
            Known(self.field.kind, self.field.key, self.table, self.table.c.run_id, in_order),
        )

    def within(self, experiment_id: str) -> tuple[Condition, Condition]:
        """Whether a value belongs to the field and to a run of the experiment."""
        return self.table.c.experiment_id == experiment_id, self.table.c.key == self.field.key

    def is_number(self) -> Condition:
        """Whether a value counts when it is sorted by: NaN does not."""
        return self.table.c.kind > NAN if self.field.kind is FieldKind.METRIC else sa.true()

    def missing(self) -> Condition:
        """Whether a run has no such value that counts."""
        same = (self.table.c.run_id == runs.c.run_id, self.table.c.key == self.field.key)
        return sa.not_(sa.select(sa.literal_column("1")).where(*same, self.is_number()).exists())

    def rank_of(self, values: Sequence[Any]) -> Rank:
        """The rank of a value, given as its columns."""
        if self.rank == self.columns:
            return tuple(values)
        return (str(values[0])[:BEGINNING],)

    def is_whole(self, rank: Rank) -> bool:
        """Whether all values of this rank are equal."""
        return self.rank == self.columns or len(rank[0]) < BEGINNING

    def placed(self, keys: Sequence[Key]) -> tuple[Key, ...]:
        """The keys with the place of a run as it stands beside the value, by which the index is sorted too."""
        own = {name: self.table.c[name] for name in _PLACE}
        found = ((key, [name for name, column in _PLACE.items() if key.column is column]) for key in keys)
        return tuple(replace(key, column=own[names[0]]) if names else key for key, names in found)


def is_place(keys: Sequence[Key]) -> bool:
    """Whether these are the keys of the default ordering, in which runs stand in all indexes."""
    return [(id(key.column), key.ascending) for key in keys] == [
        (id(runs.c.start_time), False),
        (id(runs.c.run_id), True),
    ]
