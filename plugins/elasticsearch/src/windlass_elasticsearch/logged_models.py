"""Logged models on Elasticsearch."""

from __future__ import annotations

from dataclasses import replace as changed
from functools import partial

from windlass.entities import LifecycleStage, LoggedModel, Page
from windlass.errors import AlreadyExists, Conflict, NotFound
from windlass.interfaces import LoggedModelStore, LoggedModelUpdate
from windlass.search import Query
from windlass_elasticsearch.cluster import Cluster
from windlass_elasticsearch.documents import (
    Document,
    again,
    create,
    new_token,
    read,
    read_many,
    remove,
    replace,
    written,
)
from windlass_elasticsearch.experiments import check_active
from windlass_elasticsearch.forgetting import settle_measuring
from windlass_elasticsearch.indices import EXPERIMENTS, LOGGED_MODELS, RUNS
from windlass_elasticsearch.logged_model_documents import LOGGED_MODEL_ENTITY, as_model, put_model
from windlass_elasticsearch.numbers import both, opposite
from windlass_elasticsearch.pages import SOME, fetch_page, read_some
from windlass_elasticsearch.run_log import check_params
from windlass_elasticsearch.run_roots import JOURNAL
from windlass_elasticsearch.visibility import EXPERIMENT_FIELDS, GONE, at_home, homes, in_view, is_there

_MEASURING = both({"term": {"pending": True}}, {"exists": {"field": "measured_models"}})


class ElasticsearchLoggedModelStore(LoggedModelStore):
    """The logged models of a cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def create(self, model: LoggedModel) -> LoggedModel:
        """Keep a new logged model with its params and tags."""
        again(partial(self._create, model, new_token()))
        return self.get(model.model_id)

    def get(self, model_id: str) -> LoggedModel:
        """The logged model, deleted or not."""
        document = self._find(model_id)
        if self._settle(document.source["measured_by"]):
            document = self._find(model_id)
        return as_model(document.source)

    def update(self, model_id: str, update: LoggedModelUpdate) -> LoggedModel:
        """Change what `update` names."""
        again(partial(self._update, model_id, update))
        return self.get(model_id)

    def search(self, query: Query) -> Page[LoggedModel]:
        """One page of the logged models that match."""
        if not query.experiment_ids:
            return Page()
        places = [(EXPERIMENTS.name, one) for one in query.experiment_ids]
        experiments = read_many(self._cluster, places, fields=EXPERIMENT_FIELDS)
        while self._settle_some() == SOME:
            pass
        self._cluster.refresh(LOGGED_MODELS.name)
        conditions = [opposite(GONE), at_home(homes(experiments)), *in_view(query.view)]
        sources, token = fetch_page(self._cluster, query, LOGGED_MODEL_ENTITY, conditions)
        return Page(map(as_model, sources), token)

    def purge(self, model_id: str) -> None:
        """Remove a deleted logged model for good."""
        again(partial(self._purge, model_id))

    def _find(self, model_id: str) -> Document:
        document = read(self._cluster, LOGGED_MODELS.name, model_id)
        if document is None or document.source.get("gone"):
            raise NotFound(f"there is no logged model {model_id!r}")
        experiment = read(self._cluster, EXPERIMENTS.name, document.source["experiment_id"])
        if not is_there(document.source, experiment):
            raise NotFound(f"there is no logged model {model_id!r}")
        return document

    def _settle_some(self) -> int:
        """Bring points to models that runs have measured; of how many runs."""
        self._cluster.refresh(RUNS.name)
        behind = read_some(self._cluster, RUNS.name, _MEASURING, fields=["pending"])
        settle_measuring(self._cluster, [hit["_id"] for hit in behind])
        return len(behind)

    def _settle(self, run_ids: list[str]) -> bool:
        """Take the steps that may still bring points of these runs; whether there were any journals."""
        runs = read_many(self._cluster, [(RUNS.name, one) for one in run_ids], fields=["journal"])
        waiting = [run for run in runs if run is not None and "journal" in run.source]
        for run in waiting:
            JOURNAL.take(self._cluster, run)
        return bool(waiting)

    def _create(self, model: LoggedModel, uid: str) -> None:
        before, found = read_many(
            self._cluster, [(LOGGED_MODELS.name, model.model_id), (EXPERIMENTS.name, model.experiment_id)]
        )
        if before is not None and before.source.get("uid") == uid:
            return
        experiment = check_active(found, model.experiment_id)
        if before is not None:
            self._check_free(before, model.model_id)
        # Points that runs measured before the model was made are its points as well.
        measured = {} if before is None or not before.source.get("gone") else before.source
        source = {
            "uid": uid,
            "home": experiment["uid"],
            "gone": False,
            "pending": False,
            "metrics": measured.get("metrics", []),
            "measured_by": measured.get("measured_by", []),
        }
        put_model(source, model)
        if before is None:
            written(create(self._cluster, LOGGED_MODELS.name, model.model_id, source))
        else:
            written(replace(self._cluster, before, source))

    def _check_free(self, before: Document, model_id: str) -> None:
        if before.source.get("gone"):
            return
        experiment = read(self._cluster, EXPERIMENTS.name, before.source["experiment_id"])
        if is_there(before.source, experiment):
            raise AlreadyExists(f"logged model {model_id} exists already", field="model_id")

    def _update(self, model_id: str, update: LoggedModelUpdate) -> None:
        document = self._find(model_id)
        old = as_model(document.source)
        check_params(f"logged model {model_id}", old.params, update.params)
        tags = {key: value for key, value in old.tags.items() if key not in update.deleted_tags}
        new = changed(
            old,
            status=old.status if update.status is None else update.status,
            status_message=old.status_message if update.status_message is None else update.status_message,
            lifecycle_stage=update.lifecycle_stage or old.lifecycle_stage,
            last_updated_timestamp=update.last_updated_timestamp or old.last_updated_timestamp,
            params={**old.params, **update.params},
            tags={**tags, **update.tags},
        )
        source = dict(document.source)
        put_model(source, new)
        written(replace(self._cluster, document, source))

    def _purge(self, model_id: str) -> None:
        document = self._find(model_id)
        if document.source["lifecycle_stage"] != LifecycleStage.DELETED:
            raise Conflict(f"logged model {model_id} is active", hint="delete it first")
        # Otherwise a step that waits would bring a point to the next model of this id.
        settle_measuring(self._cluster, document.source["measured_by"])
        written(document if remove(self._cluster, self._find(model_id)) else None)
