"""Pages: the rows of one, and the token of the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from windlass.errors import InvalidQuery
from windlass.search import Query, decode_cursor, encode_cursor
from windlass.search.cursor import SortValue
from windlass_sql.ordering import keys_of
from windlass_sql.searchable import Condition, Searchable
from windlass_sql.searching import Search, Source

Find = Callable[[Search, Sequence[SortValue] | None, int], Sequence[Any]]
"""Finds the first rows of a search behind one with these values of its keys, as many as the number says."""


def read_all(search: Search, after: Sequence[SortValue] | None, limit: int) -> Sequence[Any]:
    """The rows, which the database looks for and sorts as it can."""
    return search.read(Source(search.entity.source), search.keys, limit=limit, after=after)


def fetch_page(
    connection: sa.Connection,
    query: Query,
    entity: Searchable,
    *conditions: Condition,
    page_key: bytes,
    find: Find = read_all,
) -> tuple[Sequence[Any], str | None]:
    """The rows of the page, and the token of the next one; `conditions` say which rows may be searched at all."""
    signing_key = page_key + entity.name.encode()
    keys = keys_of(query, entity)
    after = decode_cursor(query, signing_key)
    if after is not None and len(after) != len(keys):
        raise InvalidQuery("page_token", query.page_token, "does not belong to this query")
    rows = find(Search(connection, query, entity, keys, conditions), after, query.max_results + 1)
    page = rows[: query.max_results]
    if len(rows) == len(page):
        return page, None
    return page, encode_cursor(list(page[-1])[-len(keys) :] if keys else [], query, signing_key)
