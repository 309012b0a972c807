"""The histories of many runs, page by page as they are sorted on disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from windlass.entities import Metric, Page
from windlass.search import Query, decode_cursor, encode_cursor
from windlass_elasticsearch.cluster import Cluster, Hit
from windlass_elasticsearch.indices.points import ORDER
from windlass_elasticsearch.points import as_metric, find_points

_CHUNK = 1000
_AT_ONCE = 10_000

Owners = Mapping[str, tuple[str, str]]
"""The id of the run and the key of each series."""


def read_histories(
    cluster: Cluster, owners: Owners, run_ids: Sequence[str], *, limit: int, page_token: str | None
) -> Page[tuple[str, Metric]]:
    """A page of the points of the series, each with the id of its run; the caller has refreshed the index."""
    query = Query(experiment_ids=tuple(run_ids), page_token=page_token)
    signing_key = cluster.page_key + b"histories"
    hits = list(_hits(cluster, sorted(owners), decode_cursor(query, signing_key), limit + 1))
    page = hits[:limit]
    token = encode_cursor(page[-1]["sort"], query, signing_key) if len(page) < len(hits) else None
    return Page([_point(owners, hit) for hit in page], token)


def _point(owners: Owners, hit: Hit) -> tuple[str, Metric]:
    run_id, key = owners[hit["sort"][0]]
    return run_id, as_metric(key, hit)


def _hits(cluster: Cluster, series: Sequence[str], after: Sequence[Any] | None, limit: int) -> Iterator[Hit]:
    """The first points of these series behind a place."""
    left = limit
    wanted = [one for one in series if after is None or one >= after[0]]
    for at in range(0, len(wanted), _CHUNK):
        while left:
            body: dict[str, Any] = {
                "query": {"terms": {"series": wanted[at : at + _CHUNK]}},
                "sort": [{name: "asc"} for name in ("series", *ORDER)],
                "size": min(left, _AT_ONCE),
                "track_total_hits": False,
            }
            hits = find_points(cluster, body if after is None else {**body, "search_after": list(after)})
            yield from hits
            left -= len(hits)
            if len(hits) < body["size"]:
                break
            after = hits[-1]["sort"]
