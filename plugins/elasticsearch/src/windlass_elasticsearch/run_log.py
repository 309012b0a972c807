"""Logging: what one batch does to the document of a run, and the steps that follow from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from windlass.entities import DatasetInput, Metric
from windlass.errors import Conflict
from windlass.interfaces import RunBatch
from windlass_elasticsearch.documents import Source
from windlass_elasticsearch.journal import Step
from windlass_elasticsearch.numbers import NAN
from windlass_elasticsearch.points import Row, as_row, from_row
from windlass_elasticsearch.run_documents import dataset_fields, put_info
from windlass_elasticsearch.texts import as_keyed, from_keyed

RUN_NAME_TAG = "mlflow.runName"
POINTS_STEP, MEASURE_STEP = "points", "measure"
_PLACE = slice(0, 4)
_NUMBER = ("kind", "value", "minus")


def check_params(owner: str, old: Mapping[str, str], new: Mapping[str, str]) -> None:
    """Raise Conflict if a param that is there already would change."""
    for key, value in new.items():
        if old.get(key, value) != value:
            raise Conflict(
                f"{owner} has the param {key!r} with the value {old[key]!r} already, got {value!r}",
                hint="a param is written once; use a tag for what changes",
                field=key,
            )


def measured_models(metrics: Iterable[Metric]) -> list[str]:
    """The logged models that were measured."""
    return list(dict.fromkeys(one.model_id for one in metrics if one.model_id is not None))


def log(source: Source, run_id: str, batch: RunBatch, *, renames: bool = True) -> list[Step]:
    """Put a batch into a copy of the document of a run; returns the steps. Conflict if a param would change.

    `renames` says whether the tag of the run's name changes the run itself.
    """
    if batch.params:
        old = from_keyed(source["params"])
        check_params(f"run {run_id}", old, batch.params)
        new = {key: value for key, value in batch.params.items() if key not in old}
        source["params"] = [*source["params"], *as_keyed(new)]
    if batch.tags:
        source["tags"] = set_tags(source["tags"], batch.tags)
        if renames and RUN_NAME_TAG in batch.tags:
            put_info(source, run_name=batch.tags[RUN_NAME_TAG])
    if batch.datasets or batch.model_inputs or batch.model_outputs:
        _add_inputs(source, batch)
    return _add_metrics(source, run_id, batch.metrics) if batch.metrics else []


def set_tags(old: Sequence[Source], new: Mapping[str, str], deleted: Sequence[str] = ()) -> list[Source]:
    """Tags with some more, of which the new ones replace those of their keys."""
    return [one for one in old if one["key"] not in new and one["key"] not in deleted] + as_keyed(new)


def _add_inputs(source: Source, batch: RunBatch) -> None:
    inputs = dict(source["inputs"])
    inputs["datasets"] = _appended(inputs.get("datasets", []), [_dataset(one) for one in batch.datasets])
    inputs["models"] = _appended(inputs.get("models", []), [one.model_id for one in batch.model_inputs])
    inputs["outputs"] = _appended(inputs.get("outputs", []), [[one.model_id, one.step] for one in batch.model_outputs])
    source["inputs"] = inputs
    source["datasets"] = _appended([], [dataset_fields(one) for one in inputs["datasets"]])


def _dataset(one: DatasetInput) -> list[Any]:
    data = one.dataset
    parts = [data.name, data.digest, data.source_type, data.source, data.schema, data.profile]
    return [parts, dict(one.tags)]


def _appended(old: Sequence[Any], new: Sequence[Any]) -> list[Any]:
    """The old ones and those of the new ones that are not there yet."""
    result = list(old)
    for one in new:
        if one not in result:
            result.append(one)
    return result


def _add_metrics(source: Source, run_id: str, metrics: Sequence[Metric]) -> list[Step]:
    points: dict[str, list[Row]] = {}
    for metric in metrics:
        points.setdefault(metric.key, []).append(as_row(metric))
    known = {one["key"]: one for one in source["metrics"]}
    for key, rows in points.items():
        known[key] = _summarised(known.get(key), key, rows)
    source["metrics"] = list(known.values())
    steps: list[Step] = [(POINTS_STEP, {"uid": source["uid"], "points": points})]
    if models := measured_models(metrics):
        source["measured_models"] = _appended(source["measured_models"], models)
        measured: dict[str, list[Any]] = {}
        for metric in metrics:
            if metric.model_id is not None:
                measured.setdefault(metric.model_id, []).append([metric.key, as_row(metric)])
        steps.append((MEASURE_STEP, {"run_id": run_id, "models": measured}))
    return steps


def _summarised(old: Source | None, key: str, rows: list[Row]) -> Source:
    """The metric's latest point, and what there is to say of its history, with some more points."""
    new: Source = {"key": key} if old is None else dict(old)
    # Of equal points the first stays, and `max` gives the first of equals.
    latest = max(rows, key=_place)
    if old is None or _place(latest) > (old["step"], old["timestamp"], old["kind"], old["value"]):
        for name in ("minus", "model_id", "dataset_name", "dataset_digest"):
            new.pop(name, None)
        new.update(from_row(latest))
    first = min(rows, key=_place)
    place = ("first_step", "first_timestamp", "first_kind", "first_value")
    if old is None or _place(first) < tuple(old[name] for name in place):
        new.update(first_step=first[0], first_timestamp=first[1])
        _put(new, "first_", first)
    numbers = [row for row in rows if row[2] != NAN]
    for prefix, choose, sign in (("min_", min, 1), ("max_", max, -1)):
        if numbers:
            best = choose(numbers, key=_number)
            kept = (new.get(f"{prefix}kind"), new.get(f"{prefix}value"))
            if kept[0] is None or _is_less(_number(best), kept, sign):
                _put(new, prefix, best)
    return new


def _is_less(one: tuple[int, float], other: tuple[Any, Any], sign: int) -> bool:
    return one < other if sign > 0 else one > other


def _put(fields: Source, prefix: str, row: Row) -> None:
    found = from_row(row)
    for name in _NUMBER:
        fields.pop(f"{prefix}{name}", None)
        if name in found:
            fields[f"{prefix}{name}"] = found[name]


def _place(row: Row) -> tuple[Any, ...]:
    return tuple(row[_PLACE])


def _number(row: Row) -> tuple[int, float]:
    return row[2], row[3]
