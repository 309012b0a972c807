"""CallerSees: searches show only what the caller of the request in hand may read."""

from __future__ import annotations

from collections.abc import Iterable

from windlass.entities import Experiment
from windlass.errors import NotFound
from windlass.model_uri import is_model_uri
from windlass_server.access.caller import current_caller
from windlass_server.access.permission import Permission
from windlass_server.access.places import Places
from windlass_server.access.resource import Resource, ResourceType
from windlass_server.access.view import View


class CallerSees:
    """What the caller may READ; Unauthenticated where a search is made for nobody."""

    def __init__(self, places: Places, view: View) -> None:
        self._places = places
        self._view = view

    def experiment_ids(self, experiment_ids: Iterable[str]) -> tuple[str, ...]:
        """Those of the experiments that the caller may read."""
        ids = tuple(str(one) for one in experiment_ids)
        if current_caller().manages:
            return ids
        return tuple(one for one in ids if self._reads_experiment(one))

    def shows_experiment(self, experiment: Experiment) -> bool:
        """Whether the caller may read the experiment."""
        return self._reads(Resource(ResourceType.EXPERIMENT, experiment.experiment_id, experiment.name))

    def shows_model(self, name: str) -> bool:
        """Whether the caller may read the registered model."""
        return self._reads(self._places.model(name))

    def shows_source(self, uri: str) -> bool:
        """Whether the caller may read the model of the URI; what is no model of ours is no secret of ours."""
        try:
            return not is_model_uri(uri) or self._reads(self._places.of_model_uri(uri))
        except NotFound:
            return current_caller().manages

    def _reads_experiment(self, experiment_id: str) -> bool:
        try:
            return self._reads(self._places.experiment(experiment_id))
        except NotFound:
            return False

    def _reads(self, resource: Resource) -> bool:
        return self._view.permission(current_caller(), resource) >= Permission.READ
