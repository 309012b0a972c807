"""Compiling a filter's syntax tree to a query.

A query finds what the filter means, except where the index does not have enough of a text, or a pattern is too much for
it, or the filter is too deep or too long for the cluster. Then it finds all that may match, and `Compiled.exact` is
false: the hits must be looked at again. Under a `not` that means to leave out only what surely matches, so each term is
compiled for the one or the other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from windlass.search import (
    Aggregate,
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
from windlass_elasticsearch.numbers import (
    ALL,
    INT64,
    NOTHING,
    Clause,
    both,
    compare_integer,
    compare_metric,
    either,
    opposite,
)
from windlass_elasticsearch.patterns import like
from windlass_elasticsearch.scopes import scope
from windlass_elasticsearch.searchable import Searchable
from windlass_elasticsearch.texts import BEGINNING

_PATTERNS = {Operator.LIKE, Operator.ILIKE}
_TERMS = 10_000
# A cluster takes 30 queries inside of each other, and a thousand or a few of them together.
_DEPTH, _MOST = 8, 150
PREFIXES = {
    None: "",
    Aggregate.LAST: "",
    Aggregate.MIN: "min_",
    Aggregate.MAX: "max_",
    Aggregate.FIRST: "first_",
}


@dataclass(frozen=True, slots=True)
class Compiled:
    """A query, and whether it finds exactly what the filter means."""

    clause: Clause
    exact: bool


def compile_filter(query: Query, entity: Searchable) -> Compiled:
    """The query that finds what the filter of a search means."""
    compiler = _Compiler(query, entity)
    clause = compiler.compile(query.filter, surely=False, depth=0)
    return Compiled(clause, compiler.exact)


class _Compiler:
    def __init__(self, query: Query, entity: Searchable) -> None:
        self.query = query
        self.entity = entity
        self.exact = True
        self.terms = 0

    def compile(self, expression: Expression, *, surely: bool, depth: int) -> Clause:
        """What surely matches, or else all that may."""
        if depth > _DEPTH or self.terms > _MOST:
            self.exact = False
            return NOTHING if surely else ALL
        match unfold(expression):
            case And(operands):
                return both(ALL, *(self.compile(one, surely=surely, depth=depth + 1) for one in operands))
            case Or(operands):
                return either(*(self.compile(one, surely=surely, depth=depth + 1) for one in operands))
            case Not(operand):
                return opposite(self.compile(operand, surely=not surely, depth=depth + 1))
            case term:
                self.terms += 1
                return self.of_term(term, surely=surely)

    def of_term(self, term: Comparison | In | IsNull, *, surely: bool) -> Clause:
        match term:
            case IsNull(field, negated):
                found = self.term(field, lambda _path: ALL, lambda _path: ALL, lambda _prefix: ALL)
                return found if negated else opposite(found)
            case In(field, values, negated):
                return self.is_in(field, values, negated=negated, surely=surely)
            case Comparison(field, operator, value):
                return self.compare(field, operator, value, surely=surely)

    def compare(self, field: Field, operator: Operator, value: Value, *, surely: bool) -> Clause:
        return self.term(
            field,
            lambda path: self.compare_text(path, operator, str(value), surely=surely),
            lambda path: compare_integer(path, operator, _number(value)),
            lambda prefix: compare_metric(operator, _number(value), prefix=prefix),
        )

    def compare_text(self, path: str, operator: Operator, value: str, *, surely: bool) -> Clause:
        long = {"term": {f"{path}_long": True}}
        if operator in _PATTERNS:
            # What the index does not have whole must be looked at.
            self.exact = False
            found = both(opposite(long), like(path, operator, value, exact=surely))
            return found if surely else either(found, long)
        if len(value) < BEGINNING:
            same: Clause = {"term": {path: value}}
            return same if operator is Operator.EQ else opposite(same)
        # What begins alike may be equal and may be not.
        alike = {"term": {path: value[:BEGINNING]}}
        self.exact = False
        if operator is Operator.EQ:
            return NOTHING if surely else alike
        return opposite(alike) if surely else ALL

    def is_in(self, field: Field, values: tuple[Value, ...], *, negated: bool, surely: bool) -> Clause:
        distinct = list(dict.fromkeys(values))
        return self.term(
            field,
            partial(self.text_in, values=[str(one) for one in distinct], negated=negated, surely=surely),
            lambda path: _unless(negated, _integer_in(path, distinct)),
            lambda prefix: _unless(
                negated, either(*(compare_metric(Operator.EQ, _number(one), prefix=prefix) for one in distinct))
            ),
        )

    def text_in(self, path: str, *, values: list[str], negated: bool, surely: bool) -> Clause:
        short = [one for one in values if len(one) < BEGINNING]
        # What a `not in` leaves out is what is surely in the list.
        within = surely is not negated
        long = [self.compare_text(path, Operator.EQ, one, surely=within) for one in values if len(one) >= BEGINNING]
        pieces = [{"terms": {path: short[at : at + _TERMS]}} for at in range(0, len(short), _TERMS)]
        return _unless(negated, either(*pieces, *long))

    def term(
        self,
        field: Field,
        text: Callable[[str], Clause],
        integer: Callable[[str], Clause],
        metric: Callable[[str], Clause],
    ) -> Clause:
        """Whether the entity has a value of the field that passes the test for its type."""
        if field.kind is FieldKind.ATTRIBUTE:
            passes = integer(field.key) if field.key in self.entity.numbers else text(field.key)
            return both({"exists": {"field": field.key}}, passes)
        if field.kind is FieldKind.METRIC:
            return NOTHING if self.entity.metrics is None else self.metric(self.entity.metrics, field, metric)
        if field.kind is FieldKind.DATASET:
            list_of = self.entity.datasets
            return NOTHING if list_of is None else _any(list_of, *_having(f"{list_of}.{field.key}", text))
        path = self.entity.keyed[field.kind]
        return _any(path, {"term": {f"{path}.key": field.key}}, text(f"{path}.value"))

    def metric(self, path: str, field: Field, test: Callable[[str], Clause]) -> Clause:
        prefix = f"{path}.{PREFIXES[field.aggregate]}"
        conditions: list[Clause] = [{"term": {f"{path}.key": field.key}}]
        if field.aggregate is not None:
            conditions.append({"exists": {"field": f"{prefix}kind"}})
        if self.entity.measured and self.query.datasets:
            wanted = [scope(name, digest) for name, digest in self.query.datasets]
            conditions.append({"terms": {f"{path}.scopes": wanted}})
        return _any(path, *conditions, test(prefix))


def _any(path: str, *conditions: Clause) -> Clause:
    """Whether any of the nested objects fulfils all of them."""
    return {"nested": {"path": path, "query": both(*conditions), "score_mode": "none"}}


def _having(path: str, test: Callable[[str], Clause]) -> tuple[Clause, Clause]:
    return {"exists": {"field": path}}, test(path)


def _unless(negated: bool, clause: Clause) -> Clause:  # noqa: FBT001  what it is called for
    return opposite(clause) if negated else clause


def _integer_in(path: str, values: list[Value]) -> Clause:
    whole = [int(one) for one in values if not isinstance(one, str) and _is_whole(one)]
    pieces = [{"terms": {path: whole[at : at + _TERMS]}} for at in range(0, len(whole), _TERMS)]
    return either(*pieces) if pieces else NOTHING


def _is_whole(value: float) -> bool:
    return INT64[0] <= value <= INT64[1] and value == int(value)


def _number(value: Value) -> float:
    """A number is only ever compared with a number, the parser sees to that."""
    return float("nan") if isinstance(value, str) else value
