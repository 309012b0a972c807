"""The syntax tree of a filter; every store compiles it to its own kind of query.

Meaning: a term is true or false for an entity, never unknown. A comparison with something that the entity does not
have is false, so its negation with `not` is true; `is null` asks for the absence itself. NaN is unequal to every number
and neither less nor greater. `str()` of a node is text that parses to the same node.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_PLAIN_KEY = re.compile(r"[A-Za-z_][\w.]*", re.ASCII)


class FieldKind(StrEnum):
    """Where the value of a field comes from."""

    ATTRIBUTE = "attributes"
    METRIC = "metrics"
    PARAM = "params"
    TAG = "tags"
    DATASET = "datasets"


class Aggregate(StrEnum):
    """What is asked of a metric's whole history: its least or greatest number, or its value at the first or last point.

    Points are ordered by step, then timestamp, then value; NaN is no number.
    """

    MIN = "min"
    MAX = "max"
    FIRST = "first"
    LAST = "last"


class Operator(StrEnum):
    """How a field is compared with one value; LIKE knows `%` and `_` and minds the case, ILIKE does not."""

    EQ = "="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="
    LIKE = "LIKE"
    ILIKE = "ILIKE"


Value = str | int | float


@dataclass(frozen=True, slots=True)
class Field:
    """Something that can be compared: an attribute of the entity itself, or a metric, param or tag by its key.

    With `aggregate` it is something about the history of the metric `key`. If it is also `loose`, an entity that has
    a metric named `key.aggregate` is taken at that.
    """

    kind: FieldKind
    key: str
    aggregate: Aggregate | None = None
    loose: bool = False

    def __str__(self) -> str:
        if self.aggregate is not None:
            return f"{self.kind}.{self.key if self.loose else _in_quotes(self.key)}.{self.aggregate}"
        if self.kind is FieldKind.METRIC and self.key.rpartition(".")[2] in set(Aggregate):
            return f"{self.kind}.{_in_quotes(self.key)}"
        return f"{self.kind}.{quote_key(self.key)}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """`field operator value`."""

    field: Field
    operator: Operator
    value: Value

    def __str__(self) -> str:
        return f"{self.field} {self.operator} {quote_value(self.value)}"


@dataclass(frozen=True, slots=True)
class In:
    """`field in (values)`, or `not in`, which is false too for an entity that lacks the field."""

    field: Field
    values: tuple[Value, ...]
    negated: bool = False

    def __str__(self) -> str:
        values = ", ".join(quote_value(value) for value in self.values)
        return f"{self.field} {'NOT ' if self.negated else ''}IN ({values})"


@dataclass(frozen=True, slots=True)
class IsNull:
    """`field is null`, or `is not null`."""

    field: Field
    negated: bool = False

    def __str__(self) -> str:
        return f"{self.field} IS {'NOT ' if self.negated else ''}NULL"


@dataclass(frozen=True, slots=True)
class And:
    """All of them; of nothing it is true."""

    operands: tuple[Expression, ...] = ()

    def __str__(self) -> str:
        return " AND ".join(_group(operand, Or) for operand in self.operands)


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of them."""

    operands: tuple[Expression, ...]

    def __str__(self) -> str:
        return " OR ".join(str(operand) for operand in self.operands)


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    operand: Expression

    def __str__(self) -> str:
        return f"NOT {_group(self.operand, (And, Or))}"


Expression = Comparison | In | IsNull | And | Or | Not

EVERYTHING = And()


@dataclass(frozen=True, slots=True)
class OrderBy:
    """One key of an ordering; NaN and missing values come last in both directions.

    The data set narrows a metric of a logged model to what was measured on it.
    """

    field: Field
    ascending: bool = True
    dataset_name: str | None = None
    dataset_digest: str | None = None

    def __str__(self) -> str:
        return f"{self.field} {'ASC' if self.ascending else 'DESC'}"


def quote_key(key: str) -> str:
    """The key as it stands in a filter."""
    if _PLAIN_KEY.fullmatch(key):
        return key
    return _in_quotes(key)


def _in_quotes(key: str) -> str:
    return f"`{key}`" if "`" not in key else f'"{key}"'


def quote_value(value: Value) -> str:
    """The value as it stands in a filter."""
    if not isinstance(value, str):
        return repr(value)
    if "'" not in value:
        return f"'{value}'"
    if '"' not in value:
        return f'"{value}"'
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"e'{escaped}'"


def _group(node: Expression, weaker: type | tuple[type, ...]) -> str:
    return f"({node})" if isinstance(node, weaker) else str(node)
