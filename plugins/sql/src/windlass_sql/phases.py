"""Phases: sorting runs by a value that some of them lack, without looking at all of them.

First come those that have it, along its index, then those that lack it, in the rest of the ordering. Of those that have
it the index is walked for as many as are wanted. Only the last of these may share its value with runs that were not
reached, and stand behind some of them: so the block of that value is read by itself, in the rest of the ordering.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from windlass.search import And, Comparison, Expression, In, IsNull, Operator
from windlass.search.cursor import SortValue
from windlass_sql.numbers import compare_pair
from windlass_sql.ordering import Key, in_order
from windlass_sql.searchable import Condition
from windlass_sql.searching import Search, Source
from windlass_sql.tables import runs
from windlass_sql.values import Rank, Values, is_place

_HAVE, _LACK = 0, 1


@dataclass(frozen=True, slots=True)
class Phases:
    """The runs of an experiment, sorted by `values` before anything else."""

    search: Search
    values: Values
    experiment_id: str

    def read(self, after: Sequence[SortValue] | None, limit: int) -> list[Any]:
        """The first rows behind `after`."""
        found: list[Any] = []
        if after is None or after[0] == _HAVE:
            found = self._having(after, limit)
            after = None
        if len(found) < limit and not _demands(self.search.query.filter, self.values):
            found += self._lacking(after, limit - len(found))
        return found

    def _having(self, after: Sequence[SortValue] | None, limit: int) -> list[Any]:
        if after is None:
            return self._walk(None, limit)
        rank = self.values.rank_of(after[1 : 1 + len(self.values.columns)])
        found = self._block(rank, after, limit)
        return found if len(found) == limit else found + self._walk(rank, limit - len(found))

    def _walk(self, behind: Rank | None, limit: int) -> list[Any]:
        """The first rows behind all those of a rank."""
        beyond = [] if behind is None else [self._beyond(behind)]
        counts = [] if _demands(self.search.query.filter, self.values) else [self.values.is_number()]
        source = self.values.source(self.experiment_id, *beyond, *counts, in_order=True)
        if self._is_sorted:
            return list(self.search.read(source, self._keys, limit=limit))
        order = [one.asc() if self._ascending else one.desc() for one in self.values.rank]
        rows = self.search.read(source, self._keys, limit=limit + 1, order=order)
        if len(rows) <= limit:
            return in_order(rows, self._keys)
        *_, last, next_one = (self._rank(row) for row in rows)
        if last != next_one:
            return in_order(rows[:limit], self._keys)
        whole = in_order([row for row in rows if self._rank(row) != last], self._keys)
        return whole + self._block(last, None, limit - len(whole))

    def _block(self, rank: Rank, after: Sequence[SortValue] | None, limit: int) -> list[Any]:
        """The first rows of a rank behind `after`."""
        same = (column == value for column, value in zip(self.values.rank, rank, strict=True))
        keys = self._keys
        if self.values.is_whole(rank):
            keys = tuple(replace(key, fixed=key.fixed or place <= self._width) for place, key in enumerate(keys))
        return list(self.search.read(self.values.source(self.experiment_id, *same), keys, limit=limit, after=after))

    def _lacking(self, after: Sequence[SortValue] | None, limit: int) -> list[Any]:
        here = runs.c.experiment_id == self.experiment_id
        lead = self.search.keys[: 1 + self._width]
        empty = ("",) if self._width == 1 else (0, 0.0)
        fixed = (_fixed(key, value) for key, value in zip(lead, (_LACK, *empty), strict=True))
        keys = (*fixed, *self._rest)
        return list(self.search.read(Source(runs, (here, self.values.missing())), keys, limit=limit, after=after))

    @property
    def _keys(self) -> tuple[Key, ...]:
        """The keys of those that have the value, by the columns of the index."""
        flag = _fixed(self.search.keys[0], _HAVE)
        own = (Key(column, self._ascending) for column in self.values.columns)
        return (flag, *own, *self.values.placed(self._rest))

    @property
    def _is_sorted(self) -> bool:
        """Whether the index has the rows in the order of the answer; from behind their place is the wrong way round."""
        return self._ascending and self.values.rank == self.values.columns and is_place(self._rest)

    @property
    def _rest(self) -> tuple[Key, ...]:
        return self.search.keys[1 + self._width :]

    @property
    def _width(self) -> int:
        return len(self.values.columns)

    @property
    def _ascending(self) -> bool:
        return self.search.keys[1].ascending

    def _rank(self, row: Any) -> Rank:
        start = len(row) - len(self.search.keys) + 1
        return self.values.rank_of(row[start : start + self._width])

    def _beyond(self, rank: Rank) -> Condition:
        compare = sa.sql.operators.gt if self._ascending else sa.sql.operators.lt
        return compare_pair(self.search.connection, self.values.rank, compare, rank)


def _fixed(key: Key, value: SortValue) -> Key:
    return Key(sa.literal(value), key.ascending, fixed=True)


def _demands(expression: Expression, values: Values) -> bool:
    """Whether only runs can match that have a value which counts."""
    if isinstance(expression, And):
        return any(_demands(one, values) for one in expression.operands)
    if not isinstance(expression, Comparison | In | IsNull) or expression.field != values.field:
        return False
    if len(values.columns) == 1:
        return not isinstance(expression, IsNull) or expression.negated
    # NaN is unequal to every number.
    return isinstance(expression, Comparison) and expression.operator is not Operator.NE
