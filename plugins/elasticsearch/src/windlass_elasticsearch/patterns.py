"""Patterns: LIKE and ILIKE as queries on terms.

The cluster turns a pattern into an automaton, which for some patterns would take all of its memory. For those the query
only asks for how a text begins, and what it finds must be looked at again.
"""

from __future__ import annotations

from typing import Any

from windlass.search import Operator
from windlass_elasticsearch.numbers import ALL, Clause, both, either, opposite
from windlass_elasticsearch.texts import BEGINNING

_LONGEST, _MOST_PARTS, _MOST_UNKNOWN = 250, 8, 5


def is_simple(pattern: str) -> bool:
    """Whether the cluster can evaluate a pattern by itself: `_` behind a `%` doubles the automaton each time."""
    _, _, behind = pattern.partition("%")
    return len(pattern) <= _LONGEST and pattern.count("%") <= _MOST_PARTS and behind.count("_") <= _MOST_UNKNOWN


def like(path: str, operator: Operator, pattern: str, *, exact: bool) -> Clause:
    """The texts that the index has whole and that are like a pattern.

    Of a pattern that is not simple these may be too many or, with `exact`, too few.
    """
    if operator is Operator.LIKE:
        return _matching(path, pattern, exact=exact)
    lowered, folded = pattern.lower(), f"{path}_folded"
    same_in_lower_case = both(_matching(path, lowered, exact=exact), opposite({"exists": {"field": folded}}))
    return either(_matching(folded, lowered, exact=exact), same_in_lower_case)


def _matching(field: str, pattern: str, *, exact: bool) -> Clause:
    if not pattern.strip("%") and pattern:
        return {"exists": {"field": field}}
    if "%" not in pattern and "_" not in pattern and len(pattern) <= BEGINNING:
        return {"term": {field: pattern}}
    start = _literal_beginning(pattern)
    if pattern == f"{start}%" and len(start) <= BEGINNING:
        return {"prefix": {field: start}}
    if is_simple(pattern):
        return {"wildcard": {field: {"value": "".join(map(_wildcard, pattern))}}}
    if exact:
        return {"match_none": {}}
    beginning: dict[str, Any] = {"prefix": {field: start[:_LONGEST]}} if start else ALL
    return both({"exists": {"field": field}}, beginning)


def _literal_beginning(pattern: str) -> str:
    ends = [place for place in (pattern.find("%"), pattern.find("_")) if place >= 0]
    return pattern[: min(ends)] if ends else pattern


def _wildcard(char: str) -> str:
    return {"%": "*", "_": "?", "*": "\\*", "?": "\\?", "\\": "\\\\"}.get(char, char)
