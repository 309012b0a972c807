"""Forgetting: removing what hangs on a run, a logged model or an experiment that was purged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from windlass_elasticsearch.cluster import Cluster
from windlass_elasticsearch.documents import Document, again, read, written
from windlass_elasticsearch.indices import LOGGED_MODELS, POINTS, RUNS
from windlass_elasticsearch.measuring import drop
from windlass_elasticsearch.pages import read_all

_CHUNK = 1000


def forget_run(cluster: Cluster, _root: Document, said: Mapping[str, Any]) -> None:
    """The step of a run's journal that removes its points, and what it measured of logged models."""
    for model_id in said["models"]:
        drop(cluster, model_id, said["run_id"])
    cluster.remove_matching(POINTS.name, {"term": {"run": said["uid"]}})


def forget_experiment(cluster: Cluster, uid: str) -> None:
    """Remove the runs and logged models of an experiment."""
    here = {"term": {"home": uid}}
    cluster.refresh(RUNS.name, LOGGED_MODELS.name)
    runs = read_all(cluster, RUNS.name, here, fields=["run_id", "uid", "measured_models"])
    for run in runs:
        for model_id in run["_source"].get("measured_models", ()):
            drop(cluster, model_id, run["_source"]["run_id"])
    for at in range(0, len(runs), _CHUNK):
        some = runs[at : at + _CHUNK]
        cluster.remove_matching(POINTS.name, {"terms": {"run": [one["_source"]["uid"] for one in some]}})
        cluster.bulk(("delete", RUNS.name, one["_id"], None) for one in some)
    models = read_all(cluster, LOGGED_MODELS.name, here, fields=["measured_by"])
    for model in models:
        settle_measuring(cluster, model["_source"].get("measured_by", ()))
    cluster.bulk(("delete", LOGGED_MODELS.name, one["_id"], None) for one in models)


def settle_measuring(cluster: Cluster, run_ids: Sequence[str]) -> None:
    """Empty the journals of runs, so that none of their steps comes to a model that is about to be removed."""
    for run_id in run_ids:
        again(partial(_settle, cluster, run_id))


def _settle(cluster: Cluster, run_id: str) -> None:
    from windlass_elasticsearch.run_roots import JOURNAL  # noqa: PLC0415  which needs this module for its steps

    root = read(cluster, RUNS.name, run_id)
    if root is not None:
        written(JOURNAL.clear(cluster, root))
