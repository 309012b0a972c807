"""Searchable: what a filter and an ordering can see of an entity, as columns and tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from windlass.search import FieldKind, OrderBy, Query

Column = sa.ColumnElement[Any]
Condition = sa.ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Texts:
    """Params or tags of an entity: a table with the columns `key` and `value`."""

    table: sa.Table
    belongs: Callable[[sa.FromClause], Condition]


@dataclass(frozen=True, slots=True)
class Metrics:
    """Metrics of an entity: a table with `key`, `kind` and `value`.

    `limit` narrows down which points a query's terms see; `newest` gives a sub-query with at most one point for each
    entity, to order by.
    """

    table: sa.Table
    belongs: Callable[[sa.FromClause], Condition]
    newest: Callable[[OrderBy, Query], sa.FromClause]
    limit: Callable[[sa.FromClause, Query], Condition] = lambda _table, _query: sa.true()


@dataclass(frozen=True, slots=True)
class Datasets:
    """The data sets of an entity: for a key (name, digest, context) the selection of its values."""

    values: Callable[[str, Callable[[Column], Condition]], sa.Select[Any]]


@dataclass(frozen=True, slots=True)
class Searchable:
    """An entity's columns by attribute, and what else it has; `name` goes into the signature of page tokens."""

    name: str
    source: sa.FromClause
    columns: tuple[Column, ...]
    attributes: Mapping[str, Column]
    texts: Mapping[FieldKind, Texts] = field(default_factory=dict)
    metrics: Metrics | None = None
    datasets: Datasets | None = None
