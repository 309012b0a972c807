"""Evaluating a filter in Python: the reference for what a filter means, used by the memory store and in tests."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from windlass.search.history import unfold
from windlass.search.syntax import And, Comparison, Expression, Field, In, IsNull, Not, Operator, Or, Value

Lookup = Callable[[Field], Iterable[Value]]
"""Gives the values of a field of one entity: none if it lacks the field, several for data sets."""


def like(value: str, pattern: str) -> bool:
    """Whether a text is LIKE a pattern: `%` stands for any characters, `_` for one, everything else for itself."""
    return _like(pattern).fullmatch(value) is not None


def ilike(value: str, pattern: str) -> bool:
    """The same with both sides in lower case."""
    return _like(pattern.lower()).fullmatch(value.lower()) is not None


@lru_cache(maxsize=256)
def _like(pattern: str) -> re.Pattern[str]:
    first, *rest = ("".join("." if char == "_" else re.escape(char) for char in part) for part in pattern.split("%"))
    if not rest:
        return re.compile(first, re.DOTALL)
    # The first place where a part fits is as good as any later one; never looking back keeps the time bounded.
    middle = "".join(f"(?>.*?{part})" for part in rest[:-1] if part)
    return re.compile(f"{first}{middle}.*{rest[-1]}", re.DOTALL)


_COMPARE: dict[Operator, Callable[[Value, Value], bool]] = {
    Operator.EQ: operator.eq,
    Operator.NE: operator.ne,
    Operator.LT: operator.lt,
    Operator.LE: operator.le,
    Operator.GT: operator.gt,
    Operator.GE: operator.ge,
    Operator.LIKE: lambda value, pattern: like(str(value), str(pattern)),
    Operator.ILIKE: lambda value, pattern: ilike(str(value), str(pattern)),
}


def matches(expression: Expression, lookup: Lookup) -> bool:
    """Whether the entity behind `lookup` satisfies the filter."""
    match unfold(expression):
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
