"""Searching: one statement of a search, wherever it begins to look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from windlass.search import Query
from windlass.search.cursor import SortValue
from windlass_sql.filters import Known, compile_filter
from windlass_sql.ordering import Key, behind, ordered_by
from windlass_sql.searchable import Column, Condition, Searchable

_SORT = "windlass_sort_"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a statement looks: tables, what rows of theirs count, and what is known there."""

    tables: sa.FromClause
    conditions: tuple[Condition, ...] = ()
    known: Known | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """A query on an entity, the keys of its ordering, and the conditions that hold besides its filter."""

    connection: sa.Connection
    query: Query
    entity: Searchable
    keys: tuple[Key, ...]
    conditions: tuple[Condition, ...] = ()

    def read(
        self,
        source: Source,
        keys: Sequence[Key],
        *,
        limit: int,
        after: Sequence[SortValue] | None = None,
        order: Sequence[Column] | None = None,
    ) -> Sequence[Any]:
        """The first rows of a source that match and come behind `after`, sorted by the keys or else by `order`.

        A row has the columns of the entity, and then those of the keys.
        """
        tables = source.tables
        for key in keys:
            if key.joined is not None:
                tables = tables.outerjoin(*key.joined)
        labelled = [key.column.label(f"{_SORT}{number}") for number, key in enumerate(keys)]
        wanted = compile_filter(self.connection, self.query, self.entity, known=source.known)
        statement = (
            sa.select(*self.entity.columns, *labelled)
            .select_from(tables)
            .where(*source.conditions, *self.conditions, wanted)
            .order_by(*(ordered_by(keys) if order is None else order))
            .limit(limit)
        )
        if after is not None and keys:
            statement = statement.where(behind(keys, after))
        return self.connection.execute(statement).all()
