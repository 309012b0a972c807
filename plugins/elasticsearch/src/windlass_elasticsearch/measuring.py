"""Measuring logged models: how points that runs log come to the models that they measured.

A run writes itself into the model's `measured_by` before it logs. So whoever reads the model knows whose journals may
still hold a point of it; and a step that comes late, after the model was purged, finds that it is no longer expected.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from windlass_elasticsearch.cluster import Cluster
from windlass_elasticsearch.documents import Document, Source, again, create, read, replace, written
from windlass_elasticsearch.indices import LOGGED_MODELS
from windlass_elasticsearch.points import from_row
from windlass_elasticsearch.scopes import scopes_of

Measured = list[Source]


def expect(cluster: Cluster, model_id: str, run_id: str) -> None:
    """Write a run into a model, which may be one that is yet to come, before it logs what it measured of it."""

    def work() -> None:
        model = read(cluster, LOGGED_MODELS.name, model_id)
        if model is None:
            made = {"gone": True, "pending": False, "metrics": [], "measured_by": [run_id]}
            written(create(cluster, LOGGED_MODELS.name, model_id, made))
        elif run_id not in model.source["measured_by"]:
            runs = [*model.source["measured_by"], run_id]
            written(replace(cluster, model, {**model.source, "measured_by": runs}))

    again(work)


def measure(cluster: Cluster, _root: Document, said: Mapping[str, Any]) -> None:
    """The step of a run's journal that brings points to the models that they measured."""
    for model_id, points in said["models"].items():
        _change(cluster, model_id, said["run_id"], partial(_with_points, run_id=said["run_id"], points=points))


def drop(cluster: Cluster, model_id: str, run_id: str) -> None:
    """Take from a model what a run measured of it."""
    _change(cluster, model_id, run_id, lambda metrics: [one for one in metrics if one["run_id"] != run_id])


def _change(cluster: Cluster, model_id: str, run_id: str, change: Callable[[Measured], Measured]) -> None:
    def work() -> None:
        model = read(cluster, LOGGED_MODELS.name, model_id)
        if model is None or run_id not in model.source["measured_by"]:
            return
        metrics = change(model.source["metrics"])
        if metrics != model.source["metrics"]:
            written(replace(cluster, model, {**model.source, "metrics": _marked(metrics)}))

    again(work)


def _with_points(metrics: Measured, *, run_id: str, points: Sequence[Any]) -> Measured:
    """The metrics with some more points: of each key, data set and run the latest stays."""
    kept = {_origin(one): one for one in metrics}
    for key, row in points:
        fields = from_row(row)
        del fields["model_id"]
        point = {"key": key, "run_id": run_id, **fields}
        place = _origin(point)
        if place not in kept or _age(point) > _age(kept[place]):
            kept[place] = point
    return list(kept.values())


def _marked(metrics: Measured) -> Measured:
    """The metrics with what they count for, and for what they are the newest of their key."""
    newest: dict[tuple[str, str], int] = {}
    for number, one in enumerate(metrics):
        for scope in scopes_of(one):
            best = newest.setdefault((one["key"], scope), number)
            if _age(one) > _age(metrics[best]):
                newest[one["key"], scope] = number
    marks: list[list[str]] = [[] for _ in metrics]
    for (_, scope), number in newest.items():
        marks[number].append(scope)
    return [{**one, "scopes": scopes_of(one), "newest": found} for one, found in zip(metrics, marks, strict=True)]


def _origin(point: Source) -> tuple[Any, ...]:
    return (point["key"], point.get("dataset_name") or "", point.get("dataset_digest") or "", point["run_id"])


def _age(point: Source) -> tuple[Any, ...]:
    return (point["step"], point["timestamp"], point["kind"], point["value"])
