"""Deployments: what can be done with them, on any target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from windlass.config import Settings
from windlass.entities import Deployment
from windlass.errors import InvalidValue
from windlass.interfaces import DeploymentRequest, DeploymentTarget
from windlass.plugins import Kind, PluginManager
from windlass.services.artifacts import ArtifactService
from windlass.services.model_versions import ModelVersionService

DEFAULT_FLAVOR = "python_function"


class DeploymentService:
    """Models that answer requests; a target is named as `NAME` or `NAME:/…`."""

    def __init__(
        self,
        *,
        settings: Settings,
        plugins: PluginManager,
        artifacts: ArtifactService,
        model_versions: ModelVersionService,
    ) -> None:
        self._settings = settings
        self._plugins = plugins
        self._artifacts = artifacts
        self._model_versions = model_versions

    def target(self, target: str | None) -> DeploymentTarget:
        """The target that the user named, or the one that the settings name."""
        chosen = target or self._settings.deployment_target
        if not chosen:
            known = ", ".join(self._plugins.names(Kind.DEPLOYMENT_TARGET))
            raise InvalidValue("target", target, "is missing", hint=f"name one of: {known}")
        kind = self._plugins.load(Kind.DEPLOYMENT_TARGET, chosen.partition(":")[0])
        opened: DeploymentTarget = kind.open(chosen, self._settings)
        return opened

    def create(
        self,
        target: str | None,
        name: str,
        model_uri: str,
        *,
        flavor: str | None = None,
        config: Mapping[str, str] | None = None,
    ) -> Deployment:
        """Deploy a model and return when it answers; AlreadyExists if the name is taken."""
        place = self.target(target)
        with self._request(place, name, model_uri, flavor, config) as request:
            deployment = place.create(request)
        self._plugins.deployment_created(deployment)
        return deployment

    def update(
        self,
        target: str | None,
        name: str,
        model_uri: str | None = None,
        *,
        flavor: str | None = None,
        config: Mapping[str, str] | None = None,
    ) -> Deployment:
        """Deploy another model, or the present one anew, under the same name; NotFound if there is none."""
        place = self.target(target)
        present = place.get(name)
        wanted = dict(present.config if config is None else config)
        uri = model_uri or present.model_uri
        with self._request(place, name, uri, flavor or present.flavor, wanted) as request:
            deployment = place.update(request)
        self._plugins.deployment_updated(deployment)
        return deployment

    def delete(self, target: str | None, name: str) -> None:
        """Take the deployment down; nothing happens if it is missing."""
        place = self.target(target)
        known = any(one.name == name for one in place.list())
        place.delete(name)
        if known:
            self._plugins.deployment_deleted(name, target or self._settings.deployment_target or "")

    def get(self, target: str | None, name: str) -> Deployment:
        """The deployment as it is now."""
        return self.target(target).get(name)

    def list(self, target: str | None) -> list[Deployment]:
        """All deployments of a target."""
        return self.target(target).list()

    def predict(self, target: str | None, name: str, payload: Mapping[str, Any]) -> Any:
        """The deployment's answer to a request in the scoring server's JSON form."""
        return self.target(target).predict(name, payload)

    @contextmanager
    def _request(
        self,
        place: DeploymentTarget,
        name: str,
        model_uri: str,
        flavor: str | None,
        config: Mapping[str, str] | None,
    ) -> Iterator[DeploymentRequest]:
        """The checked request, with the model's files at hand for the time of the block."""
        known = place.options()
        for option, value in (config or {}).items():
            if option not in known:
                raise InvalidValue("config", option, "is no option of this target", limit=", ".join(sorted(known)))
            if not isinstance(value, str):
                raise InvalidValue(f"config {option}", value, "must be a text")
        resolved = self._model_versions.resolve(model_uri)
        with self._artifacts.fetched(resolved) as path:
            yield DeploymentRequest(
                name=name,
                model_uri=model_uri,
                resolved_uri=resolved,
                model_path=path,
                flavor=flavor or DEFAULT_FLAVOR,
                config=dict(config or {}),
            )
