"""Experiments as documents, and what a filter and an ordering see of them."""

from __future__ import annotations

from windlass.entities import Experiment
from windlass.search import FieldKind
from windlass_elasticsearch.documents import Source
from windlass_elasticsearch.indices import EXPERIMENTS
from windlass_elasticsearch.searchable import Searchable
from windlass_elasticsearch.texts import as_keyed, from_keyed, get_text, put_text

EXPERIMENT_ENTITY = Searchable(
    index=EXPERIMENTS.name,
    texts=frozenset({"experiment_id", "name"}),
    numbers=frozenset({"creation_time", "last_update_time"}),
    keyed={FieldKind.TAG: "tags"},
)


def as_source(experiment: Experiment, uid: str) -> Source:
    """The document of an experiment."""
    source: Source = {
        "uid": uid,
        "artifact_location": experiment.artifact_location,
        "lifecycle_stage": str(experiment.lifecycle_stage),
        "deletions": 0,
        "creation_time": experiment.creation_time,
        "last_update_time": experiment.last_update_time,
        "tags": as_keyed(experiment.tags),
        "gone": False,
        "pending": False,
    }
    put_text(source, "experiment_id", experiment.experiment_id)
    put_text(source, "name", experiment.name)
    return source


def as_experiment(source: Source) -> Experiment:
    """The experiment of a document."""
    return Experiment(
        get_text(source, "experiment_id") or "",
        get_text(source, "name") or "",
        source["artifact_location"],
        source["lifecycle_stage"],
        source["creation_time"],
        source["last_update_time"],
        from_keyed(source["tags"]),
    )
