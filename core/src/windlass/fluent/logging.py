"""Logging numbers, params, tags and data sets to the active run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from windlass.entities import Dataset, DatasetInput, Metric, ModelInput, ModelOutput, Tag
from windlass.fluent.runs import log_target
from windlass.fluent.values import to_metric, to_texts

CONTEXT_TAG = "mlflow.data.context"


def log_metric(
    key: str,
    value: float,
    step: int | None = None,
    synchronous: bool | None = None,  # noqa: FBT001  the signature that scripts know
    timestamp: int | None = None,
    run_id: str | None = None,
    model_id: str | None = None,
    dataset: Any = None,
) -> None:
    """Log one number, durable when the call returns; without a step it is step 0, without a time it is now."""
    del synchronous
    metric = to_metric(key, value, step=step, timestamp=timestamp, model_id=model_id, dataset=dataset)
    target = log_target(run_id)
    target.workspace.runs.log(target.run_id, metrics=(metric,))


def log_metrics(
    metrics: Mapping[str, float],
    step: int | None = None,
    synchronous: bool | None = None,  # noqa: FBT001  the signature that scripts know
    run_id: str | None = None,
    timestamp: int | None = None,
    model_id: str | None = None,
    dataset: Any = None,
) -> None:
    """Log several numbers in one atomic step."""
    del synchronous
    points: list[Metric] = [
        to_metric(key, value, step=step, timestamp=timestamp, model_id=model_id, dataset=dataset)
        for key, value in metrics.items()
    ]
    target = log_target(run_id)
    target.workspace.runs.log(target.run_id, metrics=points)


def log_param(key: str, value: Any, synchronous: bool | None = None) -> Any:  # noqa: FBT001  the signature that scripts know
    """Log one parameter, which never changes; returns its value."""
    del synchronous
    target = log_target()
    target.workspace.runs.log(target.run_id, params=to_texts({key: value}))
    return value


def log_params(
    params: Mapping[str, Any],
    synchronous: bool | None = None,  # noqa: FBT001  the signature that scripts know
    run_id: str | None = None,
) -> None:
    """Log several parameters in one atomic step."""
    del synchronous
    target = log_target(run_id)
    target.workspace.runs.log(target.run_id, params=to_texts(params))


def set_tag(key: str, value: Any, synchronous: bool | None = None) -> None:  # noqa: FBT001  the signature that scripts know
    """Set a tag, replacing an equal key."""
    del synchronous
    target = log_target()
    target.workspace.runs.log(target.run_id, tags=to_texts({key: value}))


def set_tags(tags: Mapping[str, Any], synchronous: bool | None = None) -> None:  # noqa: FBT001  the signature that scripts know
    """Set several tags in one atomic step."""
    del synchronous
    target = log_target()
    target.workspace.runs.log(target.run_id, tags=to_texts(tags))


def delete_tag(key: str) -> None:
    """Remove a tag of the active run."""
    target = log_target()
    target.workspace.runs.delete_tag(target.run_id, key)


def log_input(
    dataset: Any, context: str | None = None, tags: Mapping[str, str] | None = None, model: Any = None
) -> None:
    """Log a data set, or a logged model, that the active run read; `context` says for what."""
    datasets = [] if dataset is None else [to_dataset_input(dataset, context, tags)]
    models = [] if model is None else [ModelInput(getattr(model, "model_id", model))]
    target = log_target()
    target.workspace.runs.log(target.run_id, datasets=datasets, model_inputs=models)


def log_inputs(
    datasets: Sequence[Any] = (),
    contexts: Sequence[str | None] | None = None,
    tags_list: Sequence[Mapping[str, str] | None] | None = None,
    models: Sequence[Any] | None = None,
) -> None:
    """Log several data sets and logged models that the active run read, in one atomic step."""
    contexts = contexts or [None] * len(datasets)
    tags_list = tags_list or [None] * len(datasets)
    inputs = [to_dataset_input(*one) for one in zip(datasets, contexts, tags_list, strict=True)]
    read = [ModelInput(getattr(model, "model_id", model)) for model in models or ()]
    target = log_target()
    target.workspace.runs.log(target.run_id, datasets=inputs, model_inputs=read)


def log_outputs(models: Sequence[ModelOutput]) -> None:
    """Log the logged models that the active run wrote."""
    target = log_target()
    target.workspace.runs.log(target.run_id, model_outputs=models)


def to_dataset_input(dataset: Any, context: str | None, tags: Mapping[str, str] | None) -> DatasetInput:
    """A data set as one run used it; takes an entity, or an object whose `to_dict()` describes it."""
    if isinstance(dataset, DatasetInput):
        return dataset
    entity = dataset if isinstance(dataset, Dataset) else _entity(dataset.to_dict())
    all_tags = dict(tags or {})
    if context:
        all_tags[CONTEXT_TAG] = context
    return DatasetInput(entity, all_tags)


def to_tags(tags: Sequence[Tag]) -> dict[str, str]:
    """Tag entities as a mapping; the last of equal keys wins."""
    return {tag.key: tag.value for tag in tags}


def _entity(described: Mapping[str, Any]) -> Dataset:
    texts = {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in described.items()
        if value is not None
    }
    return Dataset(
        name=texts["name"],
        digest=texts["digest"],
        source_type=texts.get("source_type", "local"),
        source=texts.get("source", ""),
        schema=texts.get("schema"),
        profile=texts.get("profile"),
    )
