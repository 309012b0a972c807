"""Points: the whole histories of metrics, a document each.

The id of a point is made of all that makes it one: run, key, step, timestamp and value. So the same point can be sent
any number of times, and the first one stays.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from windlass.entities import Metric
from windlass_elasticsearch.cluster import Action, Cluster, Hit
from windlass_elasticsearch.documents import Document
from windlass_elasticsearch.indices import POINTS
from windlass_elasticsearch.indices.points import ORDER
from windlass_elasticsearch.numbers import NAN, Clause, both, kind_of, number_in, put_number

Place = tuple[int, int, int, float]
"""Where a point stands in its history: step, timestamp, and the kind and value of its number."""
Row = list[Any]
"""A point in a journal: step, timestamp, kind, value and whether that is -0.0, then what was measured, if anything."""

_AT_ONCE = 10_000
_PLAIN = 5
_MINUS, _MEASURED = "minus", "measured"
VALUES_ONLY = {"source": False, "stored_fields": "_none_", "docvalue_fields": [_MINUS, _MEASURED]}
"""What a search for points brings: reading the documents themselves takes four times as long."""
_WITH_ORIGIN = {"source": ["model_id", "dataset_name", "dataset_digest"], "docvalue_fields": [_MINUS]}


def series_of(uid: str, key: str) -> str:
    """What the points of one metric of one run have in common."""
    return hashlib.sha256(f"{uid}\0{key}".encode("utf-8", "replace")).hexdigest()[:32]


def place_of(step: int, timestamp: int, value: float) -> Place:
    """Where a point stands in its history."""
    kind = kind_of(value)
    return (step, timestamp, kind, value + 0.0 if kind == 0 else 0.0)


def as_row(metric: Metric) -> Row:
    """A point as it stands in a journal."""
    fields: dict[str, Any] = {}
    put_number(fields, metric.value)
    row = [metric.step, metric.timestamp, fields["kind"], fields["value"], bool(fields.get("minus"))]
    origin = [metric.model_id, metric.dataset_name, metric.dataset_digest]
    return row if origin == [None, None, None] else row + origin


def from_row(row: Row) -> dict[str, Any]:
    """The fields of a point in a journal."""
    fields: dict[str, Any] = {"step": row[0], "timestamp": row[1], "kind": row[2], "value": row[3]}
    if row[4]:
        fields["minus"] = True
    names = ("model_id", "dataset_name", "dataset_digest")
    fields.update({name: one for name, one in zip(names, row[_PLAIN:], strict=False) if one is not None})
    return fields


def write_points(cluster: Cluster, _root: Document, said: Mapping[str, Any]) -> None:
    """The step of a run's journal that keeps points, by key."""
    cluster.bulk(_actions(said["uid"], said["points"]))


@dataclass(frozen=True, slots=True)
class Series:
    """The points of one metric of one run, or those between two steps, both included."""

    cluster: Cluster
    series: str
    start_step: int | None = None
    end_step: int | None = None

    def read(self, *, after: Sequence[Any] | None = None, limit: int | None = None) -> list[Hit]:
        """The points in their order behind a place; the caller has refreshed the index."""
        found: list[Hit] = []
        while limit is None or len(found) < limit:
            size = _AT_ONCE if limit is None else min(_AT_ONCE, limit - len(found))
            page = find_points(self.cluster, self.body(after=after, size=size))
            found += page
            if len(page) < size:
                break
            after = place_in(page[-1])
        return found

    def body(self, *, after: Sequence[Any] | None = None, size: int = 0) -> dict[str, Any]:
        """A search for the points behind a place, in their order."""
        conditions: list[Clause] = [{"term": {"series": self.series}}]
        low: list[int] = [one for one in (self.start_step, after[0] if after else None) if one is not None]
        if low:
            conditions.append({"range": {"step": {"gte": max(low)}}})
        if self.end_step is not None:
            conditions.append({"range": {"step": {"lte": self.end_step}}})
        body: dict[str, Any] = {
            "query": both(*conditions),
            # Beginning as the documents are sorted on disk, so that a page is read without looking at the rest.
            "sort": [{name: "asc"} for name in ("series", *ORDER)],
            "size": size,
            "track_total_hits": False,
        }
        return body if after is None else {**body, "search_after": [self.series, *after]}


def find_points(cluster: Cluster, body: dict[str, Any]) -> list[Hit]:
    """The hits of a search for points, with what was measured where that is said."""
    page: list[Hit] = cluster.search(POINTS.name, {**body, **VALUES_ONLY})["hits"]["hits"]
    if any(_MEASURED in hit.get("fields", ()) for hit in page):
        page = cluster.search(POINTS.name, {**body, **_WITH_ORIGIN})["hits"]["hits"]
    return page


def place_in(hit: Hit) -> list[Any]:
    """Where the point of a hit stands in its history."""
    return list(hit["sort"][1:])


def as_metric(key: str, hit: Hit) -> Metric:
    """The point of a hit."""
    step, timestamp, kind, value = place_in(hit)
    origin = hit.get("_source", {})
    return Metric(
        key,
        value_of(hit, kind, value),
        timestamp,
        step,
        origin.get("model_id"),
        origin.get("dataset_name"),
        origin.get("dataset_digest"),
    )


def value_of(hit: Hit, kind: int, value: float) -> float:
    """The value of the point of a hit, as it was logged."""
    return number_in({"kind": kind, "value": value, _MINUS: _MINUS in hit.get("fields", ())})


def _actions(uid: str, points: Mapping[str, Iterable[Row]]) -> Iterator[Action]:
    for key, rows in points.items():
        series = series_of(uid, key)
        for row in rows:
            fields = {"series": series, "run": uid, **from_row(row)}
            if fields["kind"] != NAN:
                fields["rank"] = fields["kind"]
            if len(row) > _PLAIN:
                fields[_MEASURED] = True
            yield "create", POINTS.name, _id(series, row), fields


def _id(series: str, row: Row) -> str:
    step, timestamp, kind, value = row[:4]
    return hashlib.sha256(f"{series}|{step}|{timestamp}|{kind}|{float(value)!r}".encode()).hexdigest()[:40]
