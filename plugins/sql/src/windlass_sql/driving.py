"""Driving: a term of a filter that few runs satisfy, from whose index entries a search can begin.

How many entries a term has is counted, but never beyond a number: that a term is not rare is all there is to know then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from windlass.search import And, Comparison, Expression, FieldKind, In, Operator, unfold
from windlass_sql.filters import compile_filter
from windlass_sql.searching import Search
from windlass_sql.values import Values

_MANY = 4000
_TERMS = 4
_RANGES = {Operator.EQ, Operator.LT, Operator.LE, Operator.GT, Operator.GE}


@dataclass(frozen=True, slots=True)
class Driver:
    """A term that every result satisfies, and the values whose index finds what does."""

    term: Expression
    values: Values

    @property
    def keeps_order(self) -> bool:
        """Whether its entries stand in the default ordering."""
        return isinstance(self.term, Comparison) and self.term.operator is Operator.EQ

    def entries(self, search: Search, experiment_id: str, limit: int) -> sa.ScalarSelect[int]:
        """How many entries it has in an experiment, up to a limit."""
        source = self.values.source(experiment_id)
        same = compile_filter(search.connection, search.query, search.entity, known=source.known, term=self.term)
        some: sa.Select[Any] = (
            sa.select(sa.literal_column("1")).select_from(self.values.table).where(*source.conditions, same)
        )
        return sa.select(sa.func.count()).select_from(some.limit(limit).subquery()).scalar_subquery()


def drivers(search: Search) -> list[Driver]:
    """The first few terms of the filter that could drive the search."""
    found = []
    for term in _demanded(search.query.filter):
        if isinstance(term, Comparison | In) and _is_narrow(term):
            values = Values.of(search.connection, term.field)
            if values is not None:
                found.append(Driver(term, values))
    return found[:_TERMS]


def rarest(search: Search, some: Sequence[Driver], experiment_id: str) -> tuple[Driver, int] | None:
    """The one with the fewest entries and their number; None if each has many.

    With many it is better to look at runs in the order of the answer, until there are enough: with one term those come
    soon. Of several, each holds them up, so that more entries are worth looking at instead.
    """
    many = _MANY if len(some) == 1 else 2 * _MANY
    entries = [one.entries(search, experiment_id, many) for one in some]
    counts = search.connection.execute(sa.select(*entries)).one()
    count, driver = min(zip(counts, some, strict=True), key=itemgetter(0))
    return (driver, count) if count < many else None


def _demanded(expression: Expression) -> Iterator[Expression]:
    """The terms that must all be true."""
    if isinstance(expression, And):
        for operand in expression.operands:
            yield from _demanded(operand)
    else:
        yield unfold(expression)


def _is_narrow(term: Comparison | In) -> bool:
    """Whether an index finds just the values that satisfy it."""
    if isinstance(term, In):
        return not term.negated and term.field.kind is not FieldKind.METRIC
    return term.operator in _RANGES
