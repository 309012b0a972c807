"""The query language: grammar, syntax tree and parser; stores compile the tree."""

from __future__ import annotations

from windlass.search.cursor import decode_cursor, encode_cursor
from windlass.search.evaluate import ilike, like, matches
from windlass.search.history import aggregate_values, readings, unfold
from windlass.search.parser import parse_filter, parse_order_by
from windlass.search.query import Query
from windlass.search.schema import EXPERIMENTS, LOGGED_MODELS, MODEL_VERSIONS, REGISTERED_MODELS, RUNS, Schema
from windlass.search.selection import Selection, parse_select
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
    quote_key,
    quote_value,
)

__all__ = [
    "EVERYTHING",
    "EXPERIMENTS",
    "LOGGED_MODELS",
    "MODEL_VERSIONS",
    "REGISTERED_MODELS",
    "RUNS",
    "Aggregate",
    "And",
    "Comparison",
    "Expression",
    "Field",
    "FieldKind",
    "In",
    "IsNull",
    "Not",
    "Operator",
    "Or",
    "OrderBy",
    "Query",
    "Schema",
    "Selection",
    "Value",
    "aggregate_values",
    "decode_cursor",
    "encode_cursor",
    "ilike",
    "like",
    "matches",
    "parse_filter",
    "parse_order_by",
    "parse_select",
    "quote_key",
    "quote_value",
    "readings",
    "unfold",
]
