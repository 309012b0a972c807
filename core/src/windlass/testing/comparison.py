"""Comparison: doing the same with two stores and telling where they differ."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, Generic, TypeVar

from windlass.entities import Page
from windlass.errors import WindlassError
from windlass.search import Query

S = TypeVar("S")


class Pair(Generic[S]):
    """A store under test and the reference, which must answer alike."""

    def __init__(self, tested: S, reference: S) -> None:
        self.tested = tested
        self.reference = reference

    def do(self, call: Callable[[S], Any]) -> Any:
        """Call both; what comes out must be equal, also where it is an error, and is returned."""
        expected, actual = outcome(call, self.reference), outcome(call, self.tested)
        assert canonical(actual) == canonical(expected)
        return actual

    def search(self, search: Callable[[S, Query], Page[Any]], query: Query) -> None:
        """Search both, page by page to the end."""
        expected = outcome(lambda store: _all_pages(store, search, query), self.reference)
        actual = outcome(lambda store: _all_pages(store, search, query), self.tested)
        assert canonical(actual) == canonical(expected)


def outcome(call: Callable[[S], Any], store: S) -> Any:
    """What the call returns, or the code of the error that it raises."""
    try:
        return call(store)
    except WindlassError as error:
        return error.code


def canonical(value: Any) -> Any:
    """The value in a form that can be compared: NaN equals itself, -0.0 differs from 0.0, keys have no order."""
    if is_dataclass(value) and not isinstance(value, type):
        return type(value).__name__, [(one.name, canonical(getattr(value, one.name))) for one in fields(value)]
    if isinstance(value, Mapping):
        return sorted((key, canonical(one)) for key, one in value.items())
    if isinstance(value, list | tuple):
        return [canonical(one) for one in value]
    if isinstance(value, float):
        return "nan" if math.isnan(value) else repr(value)
    return value


def _all_pages(store: S, search: Callable[[S, Query], Page[Any]], query: Query) -> list[list[Any]]:
    pages = [search(store, query)]
    while (token := pages[-1].token) is not None:
        pages.append(search(store, replace(query, page_token=token)))
    return [list(page) for page in pages]
