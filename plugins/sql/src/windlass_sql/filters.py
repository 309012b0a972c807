"""Compiling a filter's syntax tree to SQL.

Terms are true or false, never unknown: what may be NULL is compared together with `IS NOT NULL`, and what hangs on the
entity is looked for with EXISTS. So NOT means the opposite, as it does in `windlass.search`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sqlalchemy as sa

from windlass.search import (
    And,
    Comparison,
    Expression,
    Field,
    FieldKind,
    In,
    IsNull,
    Not,
    Operator,
    Or,
    Query,
    Value,
)
from windlass_sql import dialect
from windlass_sql.numbers import compare_integer, compare_metric
from windlass_sql.searchable import Column, Condition, Searchable

_CHAIN = 50


def compile_filter(connection: sa.Connection, query: Query, entity: Searchable) -> Condition:
    """The condition that the query's filter means for rows of the entity."""
    return _Compiler(connection, query, entity).compile(query.filter)


class _Compiler:
    def __init__(self, connection: sa.Connection, query: Query, entity: Searchable) -> None:
        self.connection = connection
        self.query = query
        self.entity = entity

    def compile(self, expression: Expression) -> Condition:
        match expression:
            case And(operands):
                return _joined("AND", [self.compile(operand) for operand in operands])
            case Or(operands):
                return _joined("OR", [self.compile(operand) for operand in operands])
            case Not(operand):
                return sa.not_(_grouped(self.compile(operand)))
            case IsNull(field, negated):
                found = self.term(field, lambda _column: sa.true(), lambda _kind, _value: sa.true())
                return found if negated else sa.not_(_grouped(found))
            case In(field, values, negated):
                return self.is_in(field, values, negated=negated)
            case Comparison(field, operator, value):
                return self.compare(field, operator, value)

    def compare(self, field: Field, operator: Operator, value: Value) -> Condition:
        return self.term(
            field,
            lambda column: self.compare_column(column, operator, value),
            lambda kind, number: compare_metric(kind, number, operator, _number(value)),
        )

    def compare_column(self, column: Column, operator: Operator, value: Value) -> Condition:
        if not isinstance(value, str):
            return compare_integer(column, operator, value)
        if operator is Operator.LIKE:
            return dialect.is_like(self.connection, column, value)
        if operator is Operator.ILIKE:
            return dialect.is_ilike(self.connection, column, value)
        equal: Condition = column == value
        return equal if operator is Operator.EQ else column != value

    def is_in(self, field: Field, values: Sequence[Value], *, negated: bool) -> Condition:
        distinct = list(dict.fromkeys(values))

        def column_in(column: Column) -> Condition:
            storable = [one for one in distinct if isinstance(one, str) or _fits(one)]
            return column.not_in(storable) if negated else column.in_(storable)

        def metric_in(kind: Column, value: Column) -> Condition:
            same = [compare_metric(kind, value, Operator.EQ, _number(one)) for one in distinct]
            found = _joined("OR", same)
            return sa.not_(_grouped(found)) if negated else found

        return self.term(field, column_in, metric_in)

    def term(
        self, field: Field, test: Callable[[Column], Condition], metric_test: Callable[[Column, Column], Condition]
    ) -> Condition:
        """Whether the entity has a value of the field that passes the test."""
        if field.kind is FieldKind.ATTRIBUTE:
            column = self.entity.attributes[field.key]
            nullable = getattr(column, "nullable", True)
            return sa.and_(column.is_not(None), test(column)) if nullable else test(column)
        if field.kind is FieldKind.METRIC:
            return self.metric_term(field.key, metric_test)
        if field.kind is FieldKind.DATASET and self.entity.datasets is not None:
            return self.entity.datasets.values(field.key, test).exists()
        texts = self.entity.texts[field.kind]
        table = texts.table.alias()
        return _exists(table, texts.belongs(table), table.c.key == field.key, test(table.c.value))

    def metric_term(self, key: str, test: Callable[[Column, Column], Condition]) -> Condition:
        metrics = self.entity.metrics
        if metrics is None:
            return sa.false()
        table = metrics.table.alias()
        return _exists(
            table,
            metrics.belongs(table),
            table.c.key == key,
            metrics.limit(table, self.query),
            test(table.c.kind, table.c.value),
        )


def _exists(table: sa.FromClause, *conditions: Condition) -> Condition:
    return sa.select(sa.literal_column("1")).select_from(table).where(*conditions).exists()


def _grouped(condition: Condition) -> Condition:
    """The condition in parentheses that SQLAlchemy does not take away."""
    return sa.sql.elements.Grouping(condition)


def _joined(word: str, parts: Sequence[Condition]) -> Condition:
    """The parts joined by AND or OR: many of them in a tree, for databases limit how deep a chain may be."""
    if len(parts) <= _CHAIN:
        return sa.and_(sa.true(), *parts) if word == "AND" else sa.or_(sa.false(), *parts)
    middle = len(parts) // 2
    # SQLAlchemy's own and_ and or_ would make one chain of it again.
    return _grouped(_joined(word, parts[:middle])).bool_op(word)(_grouped(_joined(word, parts[middle:])))


def _number(value: Value) -> float:
    """A metric is only ever compared with a number, the parser sees to that."""
    return float("nan") if isinstance(value, str) else value


def _fits(value: float) -> bool:
    return -(2**63) <= value < 2**63
