"""Runs as documents, and what a filter and an ordering see of them."""

from __future__ import annotations

from typing import Any

from windlass.entities import (
    Dataset,
    DatasetInput,
    Metric,
    ModelInput,
    ModelOutput,
    Run,
    RunData,
    RunInfo,
    RunInputs,
    RunOutputs,
)
from windlass.interfaces.metric_sampling import Point
from windlass.search import FieldKind
from windlass_elasticsearch.documents import Source
from windlass_elasticsearch.indices import RUNS
from windlass_elasticsearch.numbers import number_in
from windlass_elasticsearch.searchable import Searchable
from windlass_elasticsearch.texts import as_keyed, from_keyed, get_text, put_text

CONTEXT_TAG = "mlflow.data.context"
RUN_ENTITY = Searchable(
    index=RUNS.name,
    texts=frozenset({"run_id", "run_name", "user_id", "status", "artifact_uri"}),
    numbers=frozenset({"start_time", "end_time"}),
    optional=frozenset({"end_time"}),
    keyed={FieldKind.PARAM: "params", FieldKind.TAG: "tags"},
    metrics="metrics",
    datasets="datasets",
)


def new_source(run: Run, uid: str, experiment: Source) -> Source:
    """The document of a run in an experiment, without what is logged to it."""
    source: Source = {
        "uid": uid,
        "home": experiment["uid"],
        "seen_deletions": experiment["deletions"],
        "experiment_id": run.info.experiment_id,
        "start_time": run.info.start_time,
        "metrics": [],
        "params": as_keyed(run.data.params),
        "tags": as_keyed(run.data.tags),
        "datasets": [],
        "inputs": {},
        "measured_models": [],
        "gone": False,
        "pending": False,
    }
    for name in ("run_id", "user_id", "artifact_uri"):
        put_text(source, name, getattr(run.info, name))
    put_info(
        source,
        run_name=run.info.run_name,
        status=run.info.status,
        end_time=run.info.end_time,
        lifecycle_stage=run.info.lifecycle_stage,
    )
    return source


def put_info(
    source: Source,
    *,
    run_name: str | None = None,
    status: str | None = None,
    end_time: int | None = None,
    lifecycle_stage: str | None = None,
) -> None:
    """Put what changes of a run into its document; None leaves what is there."""
    if run_name is not None:
        put_text(source, "run_name", run_name)
    if status is not None:
        put_text(source, "status", str(status))
    if end_time is not None:
        source["end_time"] = end_time
    source["has_end_time"] = "end_time" in source
    if lifecycle_stage is not None:
        source["lifecycle_stage"] = str(lifecycle_stage)


def as_run(source: Source, stage: str) -> Run:
    """The run of a document, or as much of it as was read."""
    info = RunInfo(
        get_text(source, "run_id") or "",
        source["experiment_id"],
        get_text(source, "run_name") or "",
        get_text(source, "user_id") or "",
        get_text(source, "status") or "",
        source["start_time"],
        source.get("end_time"),
        get_text(source, "artifact_uri") or "",
        stage,
    )
    metrics = tuple(sorted((as_metric(one) for one in source.get("metrics", ())), key=lambda one: one.key))
    data = RunData(metrics, from_keyed(source.get("params")), from_keyed(source.get("tags")))
    inputs = source.get("inputs", {})
    return Run(
        info,
        data,
        RunInputs(
            tuple(DatasetInput(Dataset(*data_set), tags) for data_set, tags in inputs.get("datasets", ())),
            tuple(ModelInput(one) for one in inputs.get("models", ())),
        ),
        RunOutputs(tuple(ModelOutput(model_id, step) for model_id, step in inputs.get("outputs", ()))),
    )


def as_metric(fields: dict[str, Any], *, model_id: str | None = None) -> Metric:
    """The latest point of a metric; that of a logged model is told which one it is."""
    return Metric(
        fields["key"],
        number_in(fields),
        fields["timestamp"],
        fields["step"],
        fields.get("model_id", model_id),
        fields.get("dataset_name"),
        fields.get("dataset_digest"),
    )


def ends_of(fields: dict[str, Any]) -> tuple[Point, Point]:
    """The first and the last point of a metric's history."""
    first = (fields["first_step"], fields["first_timestamp"], number_in(fields, "first_"))
    return first, (fields["step"], fields["timestamp"], number_in(fields))


def dataset_fields(given: list[Any]) -> Source:
    """What is searched of a data set that a run read, given as its parts and its tags."""
    (name, digest, *_), tags = given
    fields: Source = {}
    put_text(fields, "name", name)
    put_text(fields, "digest", digest)
    put_text(fields, "context", tags.get(CONTEXT_TAG))
    return fields
