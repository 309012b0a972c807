"""Logged models as documents, and what a filter and an ordering see of them."""

from __future__ import annotations

from typing import Any

from windlass.entities import LoggedModel
from windlass.search import FieldKind
from windlass_elasticsearch.documents import Source
from windlass_elasticsearch.indices import LOGGED_MODELS
from windlass_elasticsearch.run_documents import as_metric
from windlass_elasticsearch.searchable import Searchable
from windlass_elasticsearch.texts import as_keyed, from_keyed, get_text, put_text

_TEXTS = ("model_id", "experiment_id", "name", "model_type", "status", "source_run_id", "artifact_location")
_HIDDEN = ("status_message",)
_PLAIN = ("creation_timestamp", "last_updated_timestamp", "lifecycle_stage")

LOGGED_MODEL_ENTITY = Searchable(
    index=LOGGED_MODELS.name,
    texts=frozenset(_TEXTS),
    numbers=frozenset({"creation_timestamp", "last_updated_timestamp"}),
    keyed={FieldKind.PARAM: "params", FieldKind.TAG: "tags"},
    metrics="metrics",
    measured=True,
)


def put_model(source: Source, model: LoggedModel) -> None:
    """Put all of a logged model but its metrics into its document."""
    for name in _TEXTS:
        value = getattr(model, name)
        put_text(source, name, None if value is None else str(value))
    for name in (*_PLAIN, *_HIDDEN):
        source[name] = getattr(model, name)
    source["lifecycle_stage"] = str(model.lifecycle_stage)
    source["params"] = as_keyed(model.params)
    source["tags"] = as_keyed(model.tags)


def as_model(source: Source) -> LoggedModel:
    """The logged model of a document."""
    fields: dict[str, Any] = {name: get_text(source, name) for name in _TEXTS}
    fields |= {name: source.get(name) for name in (*_PLAIN, *_HIDDEN)}
    points = sorted(source["metrics"], key=_place)
    model_id = fields["model_id"]
    return LoggedModel(
        **fields,
        params=from_keyed(source["params"]),
        tags=from_keyed(source["tags"]),
        metrics=tuple(as_metric(one, model_id=model_id) for one in points),
    )


def _place(point: Source) -> tuple[str, str, str, str]:
    return (point["key"], point.get("dataset_name") or "", point.get("dataset_digest") or "", point["run_id"])
