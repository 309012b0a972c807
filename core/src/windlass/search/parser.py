r"""Reading filters and orderings.

    filter     = [ disjunction ]
    disjunction= conjunction { "or" conjunction }
    conjunction= term { "and" term }
    term       = "not" term | "(" disjunction ")" | comparison
    comparison = field ( operator value | [ "not" ] "in" "(" value { "," value } ")" | "is" [ "not" ] "null"
               | ( "like" | "ilike" ) text )
    field      = [ prefix "." ] key            the key plain, `in back ticks` or "in double quotes"
               | "metrics." key "." ( "min" | "max" | "first" | "last" )
    value      = number | 'text' | "text" | e'text with \\' and \\\\'

Every filter that MLflow accepts is one of these and means the same.
"""

from __future__ import annotations

import math
from dataclasses import replace

from windlass.errors import InvalidQuery
from windlass.search.schema import Schema
from windlass.search.syntax import (
    EVERYTHING,
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
    OrderBy,
    Value,
)
from windlass.search.tokens import Token, tokenize

MAX_DEPTH = 50
MAX_TERMS = 1000
_QUOTED = frozenset({"single", "double", "escaped"})
_NUMERIC = frozenset({Operator.EQ, Operator.NE, Operator.LT, Operator.LE, Operator.GT, Operator.GE})
_TEXTUAL = frozenset({Operator.EQ, Operator.NE, Operator.LIKE, Operator.ILIKE})


def parse_filter(text: str | None, schema: Schema) -> Expression:
    """Read a filter on the entity of `schema`; nothing or an empty text means everything."""
    if not text:
        return EVERYTHING
    parser = _Parser(text, schema)
    expression = parser.disjunction(0)
    parser.finish()
    return expression


def parse_order_by(text: str, schema: Schema) -> OrderBy:
    """Read one ordering key: a field, then `ASC` (the default) or `DESC`."""
    parser = _Parser(text, schema)
    field = parser.field()
    if field.kind is FieldKind.DATASET:
        raise InvalidQuery("order_by", text, "cannot order by datasets")
    descending = parser.accept("DESC")
    if not descending:
        parser.accept("ASC")
    parser.finish()
    return OrderBy(field, ascending=not descending)


class _Parser:
    def __init__(self, text: str, schema: Schema) -> None:
        self.text = text
        self.schema = schema
        self.tokens = tokenize(text)
        self.at = 0
        self.terms = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def advance(self) -> Token:
        token = self.token
        self.at += token.kind != "end"
        return token

    def accept(self, *words: str) -> bool:
        if self.token.is_word(*words):
            self.at += 1
            return True
        return False

    def accept_mark(self, mark: str) -> bool:
        if self.token.kind == "punctuation" and self.token.text == mark:
            self.at += 1
            return True
        return False

    def fail(self, expected: str, token: Token | None = None) -> InvalidQuery:
        token = token or self.token
        found = repr(token.text) if token.kind != "end" else "the end"
        return InvalidQuery("filter", self.text, f"expected {expected} at position {token.position}, found {found}")

    def finish(self) -> None:
        if self.token.kind != "end":
            raise self.fail("and, or, or the end")

    def disjunction(self, depth: int) -> Expression:
        operands = [self.conjunction(depth)]
        while self.accept("OR"):
            operands.append(self.conjunction(depth))
        return operands[0] if len(operands) == 1 else Or(_flat(operands, Or))

    def conjunction(self, depth: int) -> Expression:
        operands = [self.term(depth)]
        while self.accept("AND"):
            operands.append(self.term(depth))
        return operands[0] if len(operands) == 1 else And(_flat(operands, And))

    def term(self, depth: int) -> Expression:
        if depth > MAX_DEPTH:
            raise InvalidQuery("filter", self.text, "is nested too deep", limit=MAX_DEPTH)
        if self.accept("NOT"):
            return Not(self.term(depth + 1))
        if self.accept_mark("("):
            inner = self.disjunction(depth + 1)
            if not self.accept_mark(")"):
                raise self.fail("')'")
            return inner
        return self.comparison()

    def comparison(self) -> Expression:
        self.terms += 1
        if self.terms > MAX_TERMS:
            raise InvalidQuery("filter", self.text, "has too many terms", limit=MAX_TERMS)
        field = self.field()
        if self.accept("IS"):
            return self.is_null(field)
        negated = self.accept("NOT")
        if self.accept("IN"):
            return In(field, self.values(field), negated)
        if negated:
            raise self.fail("in")
        return self.compare(field)

    def is_null(self, field: Field) -> IsNull:
        negated = self.accept("NOT")
        if not self.accept("NULL"):
            raise self.fail("null")
        return IsNull(field, negated)

    def compare(self, field: Field) -> Expression:
        token = self.advance()
        if token.kind == "operator" or token.is_word("LIKE", "ILIKE"):
            operator = Operator(token.text.upper())
        else:
            raise self.fail("an operator (=, !=, <, <=, >, >=, like, ilike, in, is)", token)
        allowed = _NUMERIC if self.schema.is_number(field) else _TEXTUAL
        if operator not in allowed:
            known = ", ".join(sorted(allowed))
            raise InvalidQuery("filter", self.text, f"{field} cannot be compared with {operator}", limit=known)
        value = self.value(field)
        if operator is Operator.NE and self.schema.is_mark(field):
            return Not(Comparison(field, Operator.EQ, value))
        return Comparison(field, operator, value)

    def field(self) -> Field:
        first = self.advance()
        if first.kind not in {"word", "tick", "double"}:
            raise self.fail("a field", first)
        prefix, dot, key = first.unquoted.partition(".")
        if first.kind == "word" and dot:
            if key:
                return self.schema.loosely(self.schema.field(prefix, key, query=self.text))
            return self.of_history(self.schema.field(prefix, self.quoted_key(), query=self.text))
        if dot and self.schema.knows_prefix(prefix):
            return self.schema.field(prefix, key.strip('`"'), query=self.text)
        return self.schema.field(None, first.unquoted, query=self.text)

    def of_history(self, field: Field) -> Field:
        """The field, or what the suffix behind its quoted key asks of its history."""
        if self.token.kind != "suffix":
            return field
        name = self.token.text[1:]
        if field.kind is not FieldKind.METRIC or not self.schema.histories or name not in set(Aggregate):
            raise self.fail(f"one of {', '.join(f'.{one}' for one in Aggregate)} behind a metric of a run")
        self.advance()
        return replace(field, aggregate=Aggregate(name))

    def quoted_key(self) -> str:
        token = self.advance()
        if token.kind not in {"tick", "double"} or not token.unquoted:
            raise self.fail("a key", token)
        return token.unquoted

    def values(self, field: Field) -> tuple[Value, ...]:
        if not self.accept_mark("("):
            raise self.fail("'('")
        values = [self.value(field)]
        while self.accept_mark(","):
            values.append(self.value(field))
        if not self.accept_mark(")"):
            raise self.fail("',' or ')'")
        return tuple(values)

    def value(self, field: Field) -> Value:
        token = self.advance()
        if self.schema.is_number(field):
            if token.kind != "number":
                raise self.fail(f"a number for {field}", token)
            return _number(token.text)
        if token.kind not in _QUOTED:
            raise self.fail(f"a quoted text for {field}", token)
        return token.unquoted


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        number = float(text)
        if math.isinf(number):
            raise InvalidQuery("filter", text, "is too large for a number", limit="1.8e308") from None
        return number


def _flat(operands: list[Expression], kind: type[And | Or]) -> tuple[Expression, ...]:
    """`a and (b and c)` is `a and b and c`, so that equal meanings have equal trees."""
    flat: list[Expression] = []
    for operand in operands:
        flat.extend(operand.operands if isinstance(operand, kind) else (operand,))
    return tuple(flat)
