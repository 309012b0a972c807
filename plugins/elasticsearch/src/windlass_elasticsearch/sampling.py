"""Samples of a metric's history, which the cluster takes by aggregations.

Of a history that fits into one answer the points are read. Of a longer one each column gives its least and its greatest
point, and nothing else is read. Of 200,000 points a thousand take a fifth of a second, where reading all takes more
than three. So summaries, which every point that comes late would take back, are not worth it, and each point is taken
by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from windlass.interfaces.metric_sampling import Columns, Group, Point, sample_groups, sample_points
from windlass_elasticsearch.cluster import Hit
from windlass_elasticsearch.indices import POINTS
from windlass_elasticsearch.numbers import NAN
from windlass_elasticsearch.points import VALUES_ONLY, Series, place_in, value_of

_READ = 10_000
# Aggregations count in floats.
_EXACT = 2**53
_RANKS = {-1, 0, 1}


def sample_series(series: Series, points: int, ends: tuple[Point, Point]) -> list[Point]:
    """What a chart with room for so many points shows of a history; the caller has refreshed the index.

    `ends` are the first and the last point of the whole history.
    """
    enough = max(_READ, points)
    if _count(series, enough + 1) <= enough:
        return _from_all(series, points)
    if (series.start_step, series.end_step) != (None, None):
        ends = (_end(series, "asc"), _end(series, "desc"))
    columns = Columns.between(*ends, points)
    if max(abs(columns.low), abs(columns.low + columns.width)) >= _EXACT:
        return _from_all(series, points)
    first, last = ends
    groups = list(_extremes(series, columns)) if columns.count else [(first, first, first)]
    groups[0] = (first, *groups[0][1:])
    return sample_groups(groups, last, points, lambda number: sorted(groups[number], key=lambda one: one[:2]))


def _from_all(series: Series, points: int) -> list[Point]:
    return sample_points([_point(hit) for hit in series.read()], points)


def _count(series: Series, limit: int) -> int:
    """How many points there are, counted no further than to the limit."""
    body = {"query": series.body()["query"], "size": 0, "track_total_hits": limit}
    count: int = series.cluster.search(POINTS.name, body)["hits"]["total"]["value"]
    return count


def _end(series: Series, order: str) -> Point:
    """The first or the last point."""
    body = series.body(size=1)
    sort = [{name: order} for key in body["sort"] for name in key]
    (hit,) = series.cluster.search(POINTS.name, {**body, **VALUES_ONLY, "sort": sort})["hits"]["hits"]
    return _point(hit)


def _extremes(series: Series, columns: Columns) -> Iterator[Group]:
    """The least and the greatest point of each column that has any, the least one taken for the first."""
    borders = [columns.low - (-number * columns.width // columns.count) for number in range(columns.count + 1)]
    ranges = [{"from": low, "to": high} for low, high in pairwise(borders)]
    of_column = {"least": _top("asc"), "greatest": _top("desc")}
    by = {"field": "step" if columns.by_step else "timestamp", "ranges": ranges}
    aggregations = {"columns": {"range": by, "aggs": of_column}}
    body = {"query": series.body()["query"], "size": 0, "track_total_hits": False, "aggs": aggregations}
    answer = series.cluster.search(POINTS.name, body)["aggregations"]["columns"]["buckets"]
    for bucket in answer:
        least, greatest = (bucket[name]["hits"]["hits"] for name in of_column)
        if least:
            yield _extreme(least), _extreme(least), _extreme(greatest)


def _top(order: str) -> dict[str, Any]:
    """The first point with the least or the greatest number; the first NaN if there is no number."""
    number = {"rank": {"order": order, "missing": "_last"}}
    return {
        "top_hits": {
            "size": 1,
            "sort": [number, {"value": order}, {"step": "asc"}, {"timestamp": "asc"}],
            "_source": VALUES_ONLY["source"],
            "stored_fields": VALUES_ONLY["stored_fields"],
            "docvalue_fields": VALUES_ONLY["docvalue_fields"],
        }
    }


def _extreme(hits: Sequence[Hit]) -> Point:
    (hit,) = hits
    rank, value, step, timestamp = hit["sort"]
    return step, timestamp, value_of(hit, rank if rank in _RANKS else NAN, value)


def _point(hit: Hit) -> Point:
    step, timestamp, kind, value = place_in(hit)
    return step, timestamp, value_of(hit, kind, value)
