"""Terms and orderings on the whole history of a metric of a run.

A question about the least value is one about any value: it is below 2 if one of them is, and above 2 if there are some
and none of them is 2 or less. So an index of the points and the first hit answer it, without looking for the least one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sqlalchemy as sa

from windlass.search import Aggregate, Field, Operator, Query
from windlass_sql.numbers import NAN, compare_metric
from windlass_sql.searchable import Column, Condition
from windlass_sql.tables import latest_metrics, metrics, runs, series

Test = Callable[[Column, Column], Condition]
_ORDER = ("step", "timestamp", "kind", "value")
_OPPOSITE = {
    Operator.GT: Operator.LE,
    Operator.GE: Operator.LT,
    Operator.LT: Operator.GE,
    Operator.LE: Operator.GT,
}
# Of the least value: what holds if it holds for any point, and what excludes that a point is the least one.
_ANY = {Aggregate.MIN: {Operator.LT, Operator.LE}, Aggregate.MAX: {Operator.GT, Operator.GE}}
_BEYOND = {Aggregate.MIN: Operator.LT, Aggregate.MAX: Operator.GT}


def asks_history(field: Field) -> bool:
    """Whether the points must be looked at; the last one is kept by itself as the latest."""
    return field.aggregate not in {None, Aggregate.LAST}


def compare_history(field: Field, operator: Operator, number: float) -> Condition:
    """Whether a run has such a value, and it compares like this."""
    if field.aggregate is Aggregate.FIRST:
        return _first(field.key, lambda kind, value: compare_metric(kind, value, operator, number))
    if field.aggregate is None or operator is Operator.EQ:
        beyond = _BEYOND[field.aggregate or Aggregate.MIN]
        return sa.and_(_any(field.key, operator, number), sa.not_(_any(field.key, beyond, number)))
    if operator is Operator.NE:
        return sa.and_(has_history(field), sa.not_(compare_history(field, Operator.EQ, number)))
    if operator in _ANY[field.aggregate]:
        return _any(field.key, operator, number)
    return sa.and_(has_history(field), sa.not_(_any(field.key, _OPPOSITE[operator], number)))


def has_history(field: Field) -> Condition:
    """Whether a run has such a value at all."""
    if field.aggregate is Aggregate.FIRST:
        return _exists(field.key, lambda _kind, _value: sa.true())
    return _exists(field.key, lambda kind, _value: kind != NAN)


def order_points(field: Field, query: Query) -> sa.Select[tuple[str, int, float]]:
    """The value for each run of the query's experiments, as the columns `run_id`, `kind` and `value`."""
    ranked = _ranked(field, query).subquery()
    return sa.select(ranked.c.run_id, ranked.c.kind, ranked.c.value).where(ranked.c.place == 1)


def latest_points(key: str) -> sa.Select[tuple[str, int, float]]:
    """The latest point of a metric for each run, with the same columns."""
    return sa.select(latest_metrics.c.run_id, latest_metrics.c.kind, latest_metrics.c.value).where(
        latest_metrics.c.key == key
    )


def first_of(readings: Sequence[sa.Select[tuple[str, int, float]]]) -> sa.FromClause:
    """For each run its point among the first of these that have one."""
    first, *rest = readings
    if not rest:
        return first.subquery()
    (other,) = (one.subquery() for one in rest)
    named = first.subquery()
    missing = sa.not_(sa.select(sa.literal_column("1")).where(named.c.run_id == other.c.run_id).exists())
    return sa.union_all(first, sa.select(other.c.run_id, other.c.kind, other.c.value).where(missing)).subquery()


def _ranked(field: Field, query: Query) -> sa.Select[tuple[str, int, float, int]]:
    by = [metrics.c[name] for name in (_ORDER if field.aggregate is Aggregate.FIRST else _ORDER[2:])]
    order = [column.desc() for column in by] if field.aggregate is Aggregate.MAX else by
    place = sa.func.row_number().over(partition_by=series.c.series_id, order_by=order).label("place")
    ranked = (
        sa.select(series.c.run_id, metrics.c.kind, metrics.c.value, place)
        .select_from(runs.join(series).join(metrics))
        .where(runs.c.experiment_id.in_(query.experiment_ids), series.c.key == field.key)
    )
    return ranked if field.aggregate is Aggregate.FIRST else ranked.where(metrics.c.kind != NAN)


def _any(key: str, operator: Operator, number: float) -> Condition:
    return _exists(key, lambda kind, value: sa.and_(kind != NAN, compare_metric(kind, value, operator, number)))


def _exists(key: str, test: Test) -> Condition:
    owner, point = series.alias(), metrics.alias()
    return (
        sa.select(sa.literal_column("1"))
        .select_from(owner.join(point, owner.c.series_id == point.c.series_id))
        .where(owner.c.run_id == runs.c.run_id, owner.c.key == key, test(point.c.kind, point.c.value))
        .exists()
    )


def _first(key: str, test: Test) -> Condition:
    kind, value = _of_first(key, "kind"), _of_first(key, "value")
    return sa.and_(kind.is_not(None), test(kind, value))


def _of_first(key: str, name: str) -> Column:
    owner, point = series.alias(), metrics.alias()
    return (
        sa.select(point.c[name])
        .select_from(owner.join(point, owner.c.series_id == point.c.series_id))
        .where(owner.c.run_id == runs.c.run_id, owner.c.key == key)
        .order_by(*(point.c[one] for one in _ORDER))
        .limit(1)
        .scalar_subquery()
    )
