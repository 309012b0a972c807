"""Numbers: how metric values are stored, and how a filter's number is compared with what can be stored."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from windlass.search import Operator

ComparePairs = Callable[[Sequence[sa.ColumnElement[Any]], Callable[..., Any], Sequence[Any]], sa.ColumnElement[bool]]

NAN, FINITE = -2, 0
_INT64 = (-(2**63), 2**63 - 1)
_BELOW = {Operator.LT, Operator.LE}
_ABOVE = {Operator.GT, Operator.GE}
# MariaDB and MySQL find a range of pairs only if it is written as one of the first column or one of the second.
_WITH_ROW_RANGES = {"sqlite", "postgresql"}


def encode(value: float) -> tuple[int, float]:
    """The columns `kind` and `value` of a metric's value."""
    if math.isfinite(value):
        return FINITE, value
    if value != value:  # noqa: PLR0124  NaN is the only value that differs from itself
        return NAN, 0.0
    return (1, 0.0) if value > 0 else (-1, 0.0)


def decode(kind: int, value: float) -> float:
    """The metric's value."""
    if kind == FINITE:
        return value
    return math.nan if kind == NAN else math.copysign(math.inf, kind)


def compare_integer(column: sa.ColumnElement[Any], operator: Operator, number: float) -> sa.ColumnElement[bool]:
    """`column operator number` for a 64-bit column and any number."""
    if number != number:  # noqa: PLR0124  NaN is the only value that differs from itself
        return _unequal(operator)
    if number > _INT64[1]:
        return _outside(operator, above=True)
    if number < _INT64[0]:
        return _outside(operator, above=False)
    return _compare(lambda one, low: one(column, low), operator, number, math.floor(number))


def compare_metric(
    kind: sa.ColumnElement[Any],
    value: sa.ColumnElement[Any],
    operator: Operator,
    number: float,
    *,
    pairs: ComparePairs | None = None,
) -> sa.ColumnElement[bool]:
    """`metric operator number`: NaN is unequal to every number, neither less nor greater.

    With `pairs` it is asked so that an index over the pair can be used.
    """
    if number != number:  # noqa: PLR0124  NaN is the only value that differs from itself
        return _unequal(operator)

    def test(one: Callable[..., Any], low: float) -> sa.ColumnElement[bool]:
        low_kind, low_value = encode(low)
        if one in {sa.sql.operators.eq, sa.sql.operators.ne}:
            same = sa.and_(kind == low_kind, value == low_value)
            return same if one is sa.sql.operators.eq else sa.or_(kind != low_kind, value != low_value)
        if pairs is not None:
            return sa.and_(pairs((kind, value), one, (low_kind, low_value)), kind > NAN)
        beyond = kind < low_kind if one in {sa.sql.operators.lt, sa.sql.operators.le} else kind > low_kind
        return sa.and_(kind != NAN, sa.or_(beyond, sa.and_(kind == low_kind, one(value, low_value))))

    return _compare(test, operator, number, _float_below(number))


def compare_pair(
    connection: sa.Connection,
    columns: Sequence[sa.ColumnElement[Any]],
    compare: Callable[..., Any],
    values: Sequence[Any],
) -> sa.ColumnElement[bool]:
    """Whether the columns, taken together, compare with the values like this; asked so that an index can be used."""
    here = [sa.literal(value, column.type) for column, value in zip(columns, values, strict=True)]
    if len(columns) == 1:
        one: sa.ColumnElement[bool] = compare(columns[0], here[0])
        return one
    if connection.dialect.name in _WITH_ROW_RANGES:
        both: sa.ColumnElement[bool] = compare(sa.tuple_(*columns), sa.tuple_(*here))
        return both
    (first, second), (start, rest) = columns, here
    beyond = first < start if compare in {sa.sql.operators.lt, sa.sql.operators.le} else first > start
    return sa.or_(beyond, sa.and_(first == start, compare(second, rest)))


def _compare(
    test: Callable[[Callable[..., Any], Any], sa.ColumnElement[bool]], operator: Operator, number: float, low: float
) -> sa.ColumnElement[bool]:
    """Compare with `low`, the greatest number that can be stored and is not above `number`."""
    if low == number:
        return test(_OPERATORS[operator], low)
    if operator in _BELOW:
        return test(sa.sql.operators.le, low)
    if operator in _ABOVE:
        return test(sa.sql.operators.gt, low)
    return _unequal(operator)


_OPERATORS: dict[Operator, Callable[..., Any]] = {
    Operator.EQ: sa.sql.operators.eq,
    Operator.NE: sa.sql.operators.ne,
    Operator.LT: sa.sql.operators.lt,
    Operator.LE: sa.sql.operators.le,
    Operator.GT: sa.sql.operators.gt,
    Operator.GE: sa.sql.operators.ge,
}


def _unequal(operator: Operator) -> sa.ColumnElement[bool]:
    """The answer for a number that nothing stored can equal."""
    return sa.true() if operator is Operator.NE else sa.false()


def _outside(operator: Operator, *, above: bool) -> sa.ColumnElement[bool]:
    """The answer for a number above or below all that can be stored."""
    if operator in (_BELOW if above else _ABOVE):
        return sa.true()
    return _unequal(operator)


def _float_below(number: float) -> float:
    try:
        near = float(number)
    except OverflowError:
        return sys.float_info.max if number > 0 else -math.inf
    return math.nextafter(near, -math.inf) if near > number else near
