"""Compiling a filter's syntax tree to SQL.

Terms are true or false, never unknown: what may be NULL is compared together with `IS NOT NULL`, and what hangs on the
entity is looked for with EXISTS. So NOT means the opposite, as it does in `windlass.search`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

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
    unfold,
)
from windlass_sql import dialect
from windlass_sql.history_terms import asks_history, compare_history, has_history
from windlass_sql.numbers import compare_integer, compare_metric, compare_pair
from windlass_sql.searchable import Column, Condition, Searchable

_CHAIN = 50


@dataclass(frozen=True, slots=True)
class Known:
    """A table of the statement whose rows are the values of a field, so that those need not be looked for.

    What else an entity has is looked for by the column `owner` of that table. `in_order` says that rows are wanted in
    the order of its index.
    """

    kind: FieldKind
    key: str
    table: sa.FromClause
    owner: Column
    in_order: bool = False

    def holds(self, kind: FieldKind, key: str) -> bool:
        """Whether the table has the values of this field."""
        return (self.kind, self.key) == (kind, key)


def compile_filter(
    connection: sa.Connection,
    query: Query,
    entity: Searchable,
    *,
    known: Known | None = None,
    term: Expression | None = None,
) -> Condition:
    """The condition that the query's filter, or one term of it, means for rows of the entity."""
    return _Compiler(connection, query, entity, known).compile(query.filter if term is None else term)


class _Compiler:
    def __init__(self, connection: sa.Connection, query: Query, entity: Searchable, known: Known | None) -> None:
        self.connection = connection
        self.query = query
        self.entity = entity
        self.known = known

    def compile(self, expression: Expression) -> Condition:
        match unfold(expression):
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
        if asks_history(field):
            return compare_history(field, operator, _number(value))

        def compare_number(kind: Column, number: Column) -> Condition:
            pairs = partial(compare_pair, self.connection) if self.seeks_pairs(field, operator) else None
            return compare_metric(kind, number, operator, _number(value), pairs=pairs)

        return self.term(field, lambda column: self.compare_column(column, operator, value), compare_number)

    def seeks_pairs(self, field: Field, operator: Operator) -> bool:
        """Whether a range of an index is best sought as one of pairs; PostgreSQL knows where it begins, not its end."""
        if self.known is None or not self.known.holds(field.kind, field.key):
            return False
        begins = operator in {Operator.GT, Operator.GE}
        return begins or self.known.in_order or self.connection.dialect.name != "postgresql"

    def compare_column(self, column: Column, operator: Operator, value: Value) -> Condition:
        if not isinstance(value, str):
            return compare_integer(column, operator, value)
        if operator is Operator.LIKE:
            return dialect.is_like(self.connection, column, value)
        if operator is Operator.ILIKE:
            return dialect.is_ilike(self.connection, column, value)
        return dialect.is_equal(self.connection, column, value) if operator is Operator.EQ else column != value

    def is_in(self, field: Field, values: Sequence[Value], *, negated: bool) -> Condition:
        distinct = list(dict.fromkeys(values))
        if asks_history(field):
            same = _joined("OR", [compare_history(field, Operator.EQ, _number(one)) for one in distinct])
            return sa.and_(has_history(field), sa.not_(_grouped(same))) if negated else same

        def column_in(column: Column) -> Condition:
            # With a number that is not whole in the list, which equals none here, SQLite compares all of it as floats.
            storable = [
                one if isinstance(one, str) else int(one) for one in distinct if isinstance(one, str) or _is_whole(one)
            ]
            return column.not_in(storable) if negated else dialect.is_in(self.connection, column, storable)

        def metric_in(kind: Column, value: Column) -> Condition:
            same = [compare_metric(kind, value, Operator.EQ, _number(one)) for one in distinct]
            found = _joined("OR", same)
            return sa.not_(_grouped(found)) if negated else found

        return self.term(field, column_in, metric_in)

    def term(
        self, field: Field, test: Callable[[Column], Condition], metric_test: Callable[[Column, Column], Condition]
    ) -> Condition:
        """Whether the entity has a value of the field that passes the test."""
        if asks_history(field):
            return has_history(field)
        if field.kind is FieldKind.ATTRIBUTE:
            column = self.entity.attributes[field.key]
            nullable = getattr(column, "nullable", True)
            return sa.and_(column.is_not(None), test(column)) if nullable else test(column)
        if field.kind is FieldKind.METRIC:
            return self.metric_term(field.key, metric_test)
        if field.kind is FieldKind.DATASET and self.entity.datasets is not None:
            return self.entity.datasets.values(field.key, test).exists()
        if self.known is not None and self.known.holds(field.kind, field.key):
            return test(self.known.table.c.value)
        texts = self.entity.texts[field.kind]
        table = texts.table.alias()
        return _exists(table, self.belongs(table, texts.belongs), table.c.key == field.key, test(table.c.value))

    def metric_term(self, key: str, test: Callable[[Column, Column], Condition]) -> Condition:
        if self.known is not None and self.known.holds(FieldKind.METRIC, key):
            return test(self.known.table.c.kind, self.known.table.c.value)
        metrics = self.entity.metrics
        if metrics is None:
            return sa.false()
        table = metrics.table.alias()
        return _exists(
            table,
            self.belongs(table, metrics.belongs),
            table.c.key == key,
            metrics.limit(table, self.query),
            test(table.c.kind, table.c.value),
        )

    def belongs(self, table: sa.FromClause, test: Callable[[sa.FromClause], Condition]) -> Condition:
        """Whether a row belongs to the entity; asked of the table that is read first, others are not read in vain."""
        if self.known is None:
            return test(table)
        same: Condition = table.c[str(self.known.owner.key)] == self.known.owner
        return same


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


def _is_whole(value: float) -> bool:
    """Whether a number is one that a column of 64-bit integers can hold."""
    return -(2**63) <= value < 2**63 and value == int(value)
