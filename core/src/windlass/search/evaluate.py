"""Evaluating a filter in Python: the reference for what a filter means, used by the memory store and in tests."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from windlass.search.syntax import And, Comparison, Expression, Field, In, IsNull, Not, Operator, Or, Value

Lookup = Callable[[Field], Iterable[Value]]
"""Gives the values of a field of one entity: none if it lacks the field, several for data sets."""


@lru_cache(maxsize=256)
def like(pattern: str, *, ignore_case: bool) -> re.Pattern[str]:
    """The regular expression of a LIKE pattern."""
    parts = (".*" if char == "%" else "." if char == "_" else re.escape(char) for char in pattern)
    return re.compile("".join(parts), re.DOTALL | (re.IGNORECASE if ignore_case else re.NOFLAG))


_COMPARE: dict[Operator, Callable[[Value, Value], bool]] = {
    Operator.EQ: operator.eq,
    Operator.NE: operator.ne,
    Operator.LT: operator.lt,
    Operator.LE: operator.le,
    Operator.GT: operator.gt,
    Operator.GE: operator.ge,
    Operator.LIKE: lambda value, pattern: like(str(pattern), ignore_case=False).fullmatch(str(value)) is not None,
    Operator.ILIKE: lambda value, pattern: like(str(pattern), ignore_case=True).fullmatch(str(value)) is not None,
}


def matches(expression: Expression, lookup: Lookup) -> bool:
    """Whether the entity behind `lookup` satisfies the filter."""
    match expression:
        case And(operands):
            return all(matches(operand, lookup) for operand in operands)
        case Or(operands):
            return any(matches(operand, lookup) for operand in operands)
        case Not(operand):
            return not matches(operand, lookup)
        case IsNull(field, negated):
            return any(True for _ in lookup(field)) is negated
        case In(field, values, negated):
            return any((value in values) is not negated for value in lookup(field))
        case Comparison(field, compare, wanted):
            return any(_COMPARE[compare](value, wanted) for value in lookup(field))
