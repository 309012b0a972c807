"""Numbers: how metric values are kept, and how a filter's number is compared with what is kept.

A value is the pair of `kind` and `value`: kind 0 is the finite number `value`, 1 and -1 are the infinities, -2 is NaN,
all three with the value 0. The pair sorts like the values do, with NaN lowest. The index puts -0.0 below 0.0, so it has
0.0, and `minus` says what it was.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from typing import Any

from windlass.search import Operator

NAN, FINITE = -2, 0
INT64 = (-(2**63), 2**63 - 1)
Clause = dict[str, Any]

NOTHING: Clause = {"match_none": {}}
ALL: Clause = {"match_all": {}}
_RANGES = {Operator.LT: "lt", Operator.LE: "lte", Operator.GT: "gt", Operator.GE: "gte"}
_BELOW = {Operator.LT, Operator.LE}
_ABOVE = {Operator.GT, Operator.GE}


def kind_of(value: float) -> int:
    """The kind of a metric's value."""
    if math.isfinite(value):
        return FINITE
    return NAN if math.isnan(value) else (1 if value > 0 else -1)


def put_number(fields: dict[str, Any], value: float, prefix: str = "") -> None:
    """Put the fields of a metric's value into a document."""
    kind = kind_of(value)
    fields[f"{prefix}kind"] = kind
    fields[f"{prefix}value"] = value + 0.0 if kind == FINITE else 0.0
    fields.pop(f"{prefix}minus", None)
    if value == 0 and math.copysign(1, value) < 0:
        fields[f"{prefix}minus"] = True


def number_in(fields: Mapping[str, Any], prefix: str = "") -> float:
    """The metric's value, which the document has."""
    value = get_number(fields, prefix)
    return math.nan if value is None else value


def get_number(fields: Mapping[str, Any], prefix: str = "") -> float | None:
    """The metric's value; None if the document has none."""
    kind = fields.get(f"{prefix}kind")
    if kind is None:
        return None
    if kind == FINITE:
        value = float(fields[f"{prefix}value"])
        return -value if fields.get(f"{prefix}minus") else value
    return math.nan if kind == NAN else math.copysign(math.inf, kind)


def either(*clauses: Clause) -> Clause:
    """At least one of them."""
    return {"bool": {"should": list(clauses), "minimum_should_match": 1}} if len(clauses) != 1 else clauses[0]


def both(*clauses: Clause) -> Clause:
    """All of them."""
    return {"bool": {"filter": list(clauses)}} if len(clauses) != 1 else clauses[0]


def opposite(clause: Clause) -> Clause:
    """Not this."""
    inner = clause.get("bool", {})
    if list(inner) == ["must_not"] and len(inner["must_not"]) == 1:
        return dict(inner["must_not"][0])
    return {"bool": {"must_not": [clause]}}


def compare_integer(field: str, operator: Operator, number: float) -> Clause:
    """`field operator number` for a field of 64-bit integers that a document has, and any number."""
    if number != number or not INT64[0] <= number <= INT64[1]:  # noqa: PLR0124  NaN differs from itself
        return _outside(operator, number)
    low = math.floor(number)
    if low == number:
        return _compare(field, operator, low)
    return _compare_between(field, operator, low)


def compare_metric(operator: Operator, number: float, *, prefix: str) -> Clause:
    """`metric operator number`: NaN is unequal to every number, neither less nor greater.

    `prefix` begins the names of the two fields, which the document has.
    """
    if number != number:  # noqa: PLR0124  NaN is the only value that differs from itself
        return _outside(operator, number)
    low = float_below(number)
    if low != number and operator not in _BELOW | _ABOVE:
        return _outside(operator, number)
    if low != number:
        operator = Operator.LE if operator in _BELOW else Operator.GT
    kind, value = f"{prefix}kind", f"{prefix}value"
    low_kind, low_value = kind_of(low), low + 0.0 if math.isfinite(low) else 0.0
    same_kind = {"term": {kind: low_kind}}
    if operator in {Operator.EQ, Operator.NE}:
        same = both(same_kind, {"term": {value: low_value}})
        return same if operator is Operator.EQ else opposite(same)
    beyond = {"lt": low_kind, "gt": NAN} if operator in _BELOW else {"gt": low_kind}
    return either({"range": {kind: beyond}}, both(same_kind, _compare(value, operator, low_value)))


def float_below(number: float) -> float:
    """The greatest float that is not above the number."""
    try:
        near = float(number)
    except OverflowError:
        return sys.float_info.max if number > 0 else -math.inf
    return math.nextafter(near, -math.inf) if near > number else near


def _compare(field: str, operator: Operator, number: float) -> Clause:
    if operator in _RANGES:
        return {"range": {field: {_RANGES[operator]: number}}}
    same: Clause = {"term": {field: number}}
    return same if operator is Operator.EQ else opposite(same)


def _compare_between(field: str, operator: Operator, low: int) -> Clause:
    """Compare with a number between `low` and the next whole one, which no integer equals."""
    if operator in _BELOW:
        return {"range": {field: {"lte": low}}}
    if operator in _ABOVE:
        return {"range": {field: {"gt": low}}}
    return ALL if operator is Operator.NE else NOTHING


def _outside(operator: Operator, number: float) -> Clause:
    """The answer for a number that nothing kept can equal, above or below all of it, or NaN."""
    if operator is Operator.NE:
        return ALL
    if operator in _BELOW:
        return ALL if number > 0 else NOTHING
    return ALL if operator in _ABOVE and number < 0 else NOTHING
