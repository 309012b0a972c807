"""Experiments behind a server."""

from __future__ import annotations

from windlass.entities import Experiment, LifecycleStage, Page, Tag
from windlass.interfaces import ExperimentStore, ExperimentUpdate
from windlass.search import Query
from windlass.wire import experiment as wire
from windlass_client.filters import filter_of, write_order
from windlass_client.transport import Transport


class HttpExperimentStore(ExperimentStore):
    """Experiments behind a server, which chooses ids, times and places."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(self, experiment: Experiment) -> Experiment:
        """Let the server make an experiment."""
        answer = self._transport.call(
            wire.CreateExperiment(
                name=experiment.name,
                artifact_location=experiment.artifact_location or None,
                tags=tuple(Tag(key, value) for key, value in experiment.tags.items()),
            )
        )
        return self.get(str(answer["experiment_id"]))

    def get(self, experiment_id: str) -> Experiment:
        """The experiment of an id."""
        answer = self._transport.call(wire.GetExperiment(experiment_id=experiment_id))
        return wire.decode_experiment(answer["experiment"])

    def get_by_name(self, name: str) -> Experiment:
        """The experiment of a name."""
        answer = self._transport.call(wire.GetExperimentByName(experiment_name=name))
        return wire.decode_experiment(answer["experiment"])

    def update(self, experiment_id: str, update: ExperimentUpdate) -> Experiment:
        """Change it; the wire has one request for each kind of change."""
        call = self._transport.call
        if update.lifecycle_stage == LifecycleStage.ACTIVE:
            call(wire.RestoreExperiment(experiment_id=experiment_id))
        if update.name is not None:
            call(wire.UpdateExperiment(experiment_id=experiment_id, new_name=update.name))
        for key, value in update.tags.items():
            call(wire.SetExperimentTag(experiment_id=experiment_id, key=key, value=value))
        for key in update.deleted_tags:
            call(wire.DeleteExperimentTag(experiment_id=experiment_id, key=key))
        if update.lifecycle_stage == LifecycleStage.DELETED:
            call(wire.DeleteExperiment(experiment_id=experiment_id))
        return self.get(experiment_id)

    def search(self, query: Query) -> Page[Experiment]:
        """One page of the experiments that match."""
        answer = self._transport.call(
            wire.SearchExperiments(
                filter=filter_of(query),
                order_by=write_order(query.order_by),
                max_results=query.max_results,
                page_token=query.page_token,
                view_type=query.view,
            )
        )
        found = (wire.decode_experiment(one) for one in answer.get("experiments", ()))
        return Page(found, answer.get("next_page_token") or None)

    def purge(self, experiment_id: str) -> None:
        """Remove a deleted experiment for good; Unsupported by MLflow's servers."""
        self._transport.call(wire.PurgeExperiment(experiment_id=experiment_id))
