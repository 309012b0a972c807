"""Pages: the documents of one, and the token of the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from windlass.errors import InvalidQuery
from windlass.search import Query, decode_cursor, encode_cursor
from windlass.search.cursor import SortValue
from windlass_elasticsearch.cluster import Cluster, Hit
from windlass_elasticsearch.documents import Source
from windlass_elasticsearch.filters import Compiled, compile_filter
from windlass_elasticsearch.lookup import passes
from windlass_elasticsearch.numbers import Clause, both
from windlass_elasticsearch.ordering import Variant, cursor_of, merged, variants
from windlass_elasticsearch.searchable import Searchable

_AT_ONCE = SOME = 1000
# Documents may be as large as a run with ten thousand params, of which an answer must not hold too many.
_FIRST, _LEAST, _NESTED = 250, 10, 60_000


def fetch_page(
    cluster: Cluster,
    query: Query,
    entity: Searchable,
    conditions: Sequence[Clause],
    *,
    without: Sequence[str] = (),
) -> tuple[list[Source], str | None]:
    """The documents of the page without some of their fields, and the token of the next one.

    `conditions` say which documents may be searched at all. The caller has refreshed the index.
    """
    signing_key = cluster.page_key + entity.index.encode()
    sorts = variants(query, entity)
    after = decode_cursor(query, signing_key)
    if after is not None and len(after) != len(sorts[0].keys):
        raise InvalidQuery("page_token", query.page_token, "does not belong to this query")
    compiled = compile_filter(query, entity)
    hits: list[Hit] = []
    for sort in sorts:
        search = _Search(cluster, query, entity, compiled, sort, (*conditions, compiled.clause), tuple(without))
        hits += search.read(after, query.max_results + 1)
    if len(sorts) > 1:
        hits = merged(hits, sorts[0].keys)
    page = hits[: query.max_results]
    token = encode_cursor(cursor_of(page[-1]), query, signing_key) if len(page) < len(hits) else None
    return [hit["_source"] for hit in page], token


def fitting(page: Sequence[Hit]) -> int:
    """How many documents fit into one answer, if they are like these."""
    nested = sum(len(one) for hit in page for one in hit["_source"].values() if isinstance(one, list))
    return max(_LEAST, min(_AT_ONCE, _NESTED * len(page) // max(nested, 1)))


def read_all(cluster: Cluster, index: str, query: Clause, *, fields: Sequence[str] | None = None) -> list[Hit]:
    """All documents that a query finds, in no order; the caller has refreshed the index."""
    found: list[Hit] = []
    body: dict[str, Any] = {"query": query, "size": _AT_ONCE, "sort": ["_shard_doc"], "seq_no_primary_term": True}
    if fields is not None:
        body["source_includes"] = list(fields)
    with cluster.translating() as client:
        moment = client.open_point_in_time(index=cluster.alias(index), keep_alive="2m").body["id"]
    try:
        while True:
            page = _next_of(cluster, body, moment)
            found += page
            if len(page) < _AT_ONCE:
                return found
            body["search_after"] = page[-1]["sort"]
    finally:
        with cluster.translating() as client:
            client.close_point_in_time(id=moment)


def read_some(cluster: Cluster, index: str, query: Clause, *, fields: Sequence[str] = ()) -> list[Hit]:
    """Documents that a query finds, SOME at most; for what is mostly none or few."""
    body: dict[str, Any] = {"query": query, "size": SOME, "track_total_hits": False}
    if fields:
        body["source_includes"] = list(fields)
    hits: list[Hit] = cluster.search(index, body)["hits"]["hits"]
    return hits


def _next_of(cluster: Cluster, body: Mapping[str, Any], moment: str) -> list[Hit]:
    with cluster.translating() as client:
        answer = client.search(pit={"id": moment, "keep_alive": "2m"}, **body).body
    hits: list[Hit] = answer["hits"]["hits"]
    return hits


class _Search:
    """One sort of a search, read in as many requests as it takes."""

    def __init__(
        self,
        cluster: Cluster,
        query: Query,
        entity: Searchable,
        compiled: Compiled,
        sort: Variant,
        conditions: tuple[Clause, ...],
        without: tuple[str, ...],
    ) -> None:
        self._cluster = cluster
        self._query = query
        self._entity = entity
        self._exact = compiled.exact
        self._body: dict[str, Any] = {
            "query": both(*conditions, *(() if sort.condition is None else (sort.condition,))),
            "sort": [key.body() for key in sort.keys],
            "track_total_hits": False,
        }
        if without and compiled.exact:
            self._body["source_excludes"] = list(without)

    def read(self, after: Sequence[SortValue] | None, limit: int) -> list[Hit]:
        """The first hits behind `after`, as many as the limit says."""
        found: list[Hit] = []
        most = _FIRST
        while len(found) < limit:
            size = min(limit - len(found), most)
            page = self._next(after, size)
            found += [hit for hit in page if self._counts(hit)]
            if len(page) < size:
                break
            after, most = page[-1]["sort"], fitting(page)
        return found

    def _next(self, after: Sequence[SortValue] | None, size: int) -> list[Hit]:
        body = self._body if after is None else {**self._body, "search_after": list(after)}
        hits: list[Hit] = self._cluster.search(self._entity.index, {**body, "size": size})["hits"]["hits"]
        return hits

    def _counts(self, hit: Hit) -> bool:
        return self._exact or passes(hit["_source"], self._query, self._entity)
