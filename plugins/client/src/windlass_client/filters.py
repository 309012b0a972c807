"""Writing filters and orderings as every server reads them, MLflow's too: attributes stand without a prefix."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from windlass.search import And, Expression, Field, FieldKind, Not, Or, OrderBy, Query
from windlass.search.syntax import Comparison, In, IsNull, quote_value

Names = Mapping[str, str]
PLAIN: Names = {}
VERSION_NAMES: Names = {"version": "version_number", "source": "source_path"}
"""What MLflow calls the attributes of a model version."""


def write_filter(node: Expression, names: Names = PLAIN) -> str:
    """The text of a filter."""
    match node:
        case And(operands):
            return " AND ".join(_grouped(one, Or, names) for one in operands)
        case Or(operands):
            return " OR ".join(write_filter(one, names) for one in operands)
        case Not(operand):
            return f"NOT {_grouped(operand, (And, Or), names)}"
        case IsNull(field, negated):
            return f"{write_field(field, names)} IS {'NOT ' if negated else ''}NULL"
        case In(field, values, negated):
            listed = ", ".join(quote_value(value) for value in values)
            return f"{write_field(field, names)} {'NOT ' if negated else ''}IN ({listed})"
        case Comparison(field, operator, value):
            return f"{write_field(field, names)} {operator} {quote_value(value)}"


def write_field(field: Field, names: Names = PLAIN) -> str:
    """The text of a field."""
    return names.get(field.key, field.key) if field.kind is FieldKind.ATTRIBUTE else str(field)


def write_order(order_by: Iterable[OrderBy], names: Names = PLAIN) -> tuple[str, ...]:
    """The texts of an ordering."""
    return tuple(f"{write_field(key.field, names)} {'ASC' if key.ascending else 'DESC'}" for key in order_by)


def filter_of(query: Query, names: Names = PLAIN) -> str | None:
    """The text of a query's filter, None if everything matches."""
    return write_filter(query.filter, names) or None


def _grouped(node: Expression, weaker: type | tuple[type, ...], names: Names) -> str:
    text = write_filter(node, names)
    return f"({text})" if isinstance(node, weaker) else text
