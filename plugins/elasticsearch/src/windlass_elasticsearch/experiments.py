"""Experiments on Elasticsearch."""

from __future__ import annotations

from dataclasses import replace as changed
from functools import partial
from typing import Any

from windlass.entities import Experiment, LifecycleStage, Page
from windlass.errors import AlreadyExists, Conflict, NotFound
from windlass.interfaces import ExperimentStore, ExperimentUpdate
from windlass.search import Query
from windlass_elasticsearch.cluster import Cluster
from windlass_elasticsearch.documents import (
    Document,
    Source,
    again,
    create,
    new_token,
    read,
    remove,
    replace,
    written,
)
from windlass_elasticsearch.experiment_documents import EXPERIMENT_ENTITY, as_experiment, as_source
from windlass_elasticsearch.experiment_names import EXPERIMENT_NAMES
from windlass_elasticsearch.experiment_steps import FORGET_STEP, JOURNAL
from windlass_elasticsearch.indices import EXPERIMENTS
from windlass_elasticsearch.journal import write_down
from windlass_elasticsearch.numbers import opposite
from windlass_elasticsearch.pages import fetch_page, read_some
from windlass_elasticsearch.tombs import finish_purges
from windlass_elasticsearch.visibility import in_view

_PENDING = {"term": {"pending": True}}


class ElasticsearchExperimentStore(ExperimentStore):
    """The experiments of a cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def create(self, experiment: Experiment) -> Experiment:
        """Keep a new experiment."""
        kept = changed(experiment, tags=dict(experiment.tags))
        again(partial(self._create, kept, new_token()))
        return kept

    def get(self, experiment_id: str) -> Experiment:
        """The experiment, deleted or not."""
        return as_experiment(again(partial(self._find, experiment_id)).source)

    def get_by_name(self, name: str) -> Experiment:
        """The experiment of this name, deleted or not."""
        target = EXPERIMENT_NAMES.find(self._cluster, name)
        if target is not None:
            root = again(partial(self._look_up, target))
            if root is not None and EXPERIMENT_NAMES.has(root.source, name):
                return as_experiment(root.source)
        raise NotFound(f"there is no experiment named {name!r}")

    def update(self, experiment_id: str, update: ExperimentUpdate) -> Experiment:
        """Change what `update` names."""
        return as_experiment(again(partial(self._update, experiment_id, update)))

    def search(self, query: Query) -> Page[Experiment]:
        """One page of the experiments that match."""
        self._cluster.refresh(EXPERIMENTS.name)
        if self._settle():
            self._cluster.refresh(EXPERIMENTS.name)
        conditions = [opposite({"term": {"gone": True}}), *in_view(query.view)]
        sources, token = fetch_page(self._cluster, query, EXPERIMENT_ENTITY, conditions)
        return Page([as_experiment(source) for source in sources], token)

    def purge(self, experiment_id: str) -> None:
        """Remove a deleted experiment with its runs and logged models for good."""
        finish_purges(self._cluster)
        again(partial(self._purge, experiment_id))

    def _look_up(self, experiment_id: str) -> Document | None:
        root = read(self._cluster, EXPERIMENTS.name, experiment_id)
        if root is not None:
            root = EXPERIMENT_NAMES.resolve(self._cluster, root)
        return None if root is None or root.source.get("gone") else root

    def _find(self, experiment_id: str) -> Document:
        root = self._look_up(experiment_id)
        if root is None:
            raise NotFound(f"there is no experiment {experiment_id!r}")
        return root

    def _create(self, experiment: Experiment, uid: str) -> None:
        becoming = as_source(experiment, uid)
        claimed: Source = {"gone": True, "uid": uid}
        EXPERIMENT_NAMES.claim(claimed, experiment.name, becoming)
        before = read(self._cluster, EXPERIMENTS.name, experiment.experiment_id)
        if before is None:
            root = written(create(self._cluster, EXPERIMENTS.name, experiment.experiment_id, claimed))
        else:
            root = self._take_over(before, experiment, claimed, uid)
        if root.source["uid"] == uid and "claim" in root.source:
            self._take_name(root, experiment.experiment_id)

    def _take_over(self, before: Document, experiment: Experiment, claimed: Source, uid: str) -> Document:
        """Go on with a document that is there already: somebody's left-over, or what an attempt of ours wrote."""
        before = EXPERIMENT_NAMES.resolve(self._cluster, before)
        if not before.source.get("gone"):
            if before.source["uid"] == uid:
                return before
            raise AlreadyExists(f"experiment {experiment.experiment_id} exists already", field="experiment_id")
        JOURNAL.take(self._cluster, before)
        return written(replace(self._cluster, before, claimed))

    def _take_name(self, root: Document, experiment_id: str) -> Document:
        """Take the name that a root claims, and make it what the claim says."""
        claim = root.source["claim"]
        if EXPERIMENT_NAMES.take(self._cluster, root, experiment_id):
            return written(replace(self._cluster, root, claim["becoming"]))
        if root.source.get("gone"):
            remove(self._cluster, root)
        else:
            EXPERIMENT_NAMES.resolve(self._cluster, root)
        raise AlreadyExists(f"an experiment named {claim['name']!r} exists already, perhaps deleted", field="name")

    def _update(self, experiment_id: str, update: ExperimentUpdate) -> Source:
        root = self._find(experiment_id)
        old = as_experiment(root.source)
        name = old.name if update.name is None else update.name
        becoming = _changed(root.source, changed(old, name=name), update)
        if name == old.name:
            return written(replace(self._cluster, root, becoming)).source
        claimed = dict(root.source)
        EXPERIMENT_NAMES.claim(claimed, name, becoming)
        done = self._take_name(written(replace(self._cluster, root, claimed)), experiment_id)
        EXPERIMENT_NAMES.release(self._cluster, old.name, experiment_id)
        return done.source

    def _settle(self) -> bool:
        """Bring to an end what processes that died left half done; whether there was anything."""
        pending = read_some(self._cluster, EXPERIMENTS.name, _PENDING)
        claimed = [one["_id"] for one in pending if "claim" in one["_source"]]
        for one in claimed:
            again(partial(self._look_up, one))
        return bool(claimed)

    def _purge(self, experiment_id: str) -> None:
        root = self._find(experiment_id)
        if root.source["lifecycle_stage"] != LifecycleStage.DELETED:
            raise Conflict(f"experiment {experiment_id} is active", hint="delete it first")
        uid, name = root.source["uid"], as_experiment(root.source).name
        tombstone: Source = {"gone": True, "uid": uid}
        write_down(tombstone, [(FORGET_STEP, uid)])
        buried = written(replace(self._cluster, root, tombstone))
        if JOURNAL.take_soon(self._cluster, buried):
            remove(self._cluster, buried)
        EXPERIMENT_NAMES.release(self._cluster, name, experiment_id)


def check_active(experiment: Document | None, experiment_id: str) -> Source:
    """The experiment's document; NotFound or Conflict if something new cannot go into it."""
    if experiment is None or experiment.source.get("gone"):
        raise NotFound(f"there is no experiment {experiment_id!r}")
    if experiment.source["lifecycle_stage"] != LifecycleStage.ACTIVE:
        raise Conflict(f"experiment {experiment_id} is deleted", hint="restore it, or use another")
    return experiment.source


def _changed(source: Source, old: Experiment, update: ExperimentUpdate) -> Source:
    tags = {key: value for key, value in old.tags.items() if key not in update.deleted_tags}
    new = changed(
        old,
        lifecycle_stage=str(update.lifecycle_stage or old.lifecycle_stage),
        last_update_time=update.last_update_time or old.last_update_time,
        tags={**tags, **update.tags},
    )
    deleted: int = source["deletions"] + (update.lifecycle_stage == LifecycleStage.DELETED)
    more: dict[str, Any] = {"deletions": deleted}
    return {**as_source(new, source["uid"]), **more}
