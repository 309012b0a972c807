"""Record: what a deployment on Serve remembers of itself, in the configuration of its entrance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from windlass.entities import Canary, Deployment, DeploymentStatus
from windlass_ray.serve.applications import DELETING, FAILED, RUNNING, Application, Served
from windlass_ray.serve.options import ServeOptions

ENTRANCE = "windlass_ray.serve.application:entrance"
MODEL = "windlass_ray.serve.application:model"
_ENTRANCE_NAME, _MODEL_NAME = "Entrance", "Model"
_OWNER = "windlass_deployment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A model of a deployment; `stored` is a place outside of the cluster with its files."""

    application: str
    model_uri: str
    resolved_uri: str
    flavor: str
    updated: int
    stored: str | None = None
    config: Mapping[str, str] = field(default_factory=dict)

    def seen(self, percent: int) -> Canary:
        """What the outside sees of a canary."""
        return Canary(self.model_uri, self.resolved_uri, percent, self.flavor, dict(self.config))

    def application_of(self, name: str, place: str, runtime_env: Mapping[str, Any]) -> dict[str, Any]:
        """The application with the model, which has no route; `name` is that of the deployment."""
        options = ServeOptions.parse(self.config)
        return {
            "name": self.application,
            "route_prefix": None,
            "import_path": MODEL,
            "runtime_env": dict(runtime_env),
            "args": {"place": place, "request_timeout": options.request_timeout, _OWNER: name},
            # Who has been let in is answered, even if the model is replaced meanwhile.
            "deployments": [
                {"name": _MODEL_NAME, "graceful_shutdown_timeout_s": options.request_timeout + 5, **options.of_model()}
            ],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A deployment with its present model, and the canary that gets `percent` of the requests.

    Times are epoch milliseconds UTC.
    """

    name: str
    route_prefix: str
    creation_timestamp: int
    last_updated_timestamp: int
    present: Part
    canary: Part | None = None
    percent: int = 0

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> Record:
        """What an entrance was told."""
        canary = content.get("canary")
        return cls(**{**content, "present": Part(**content["present"]), "canary": Part(**canary) if canary else None})

    @property
    def parts(self) -> tuple[Part, ...]:
        """All models."""
        return (self.present,) if self.canary is None else (self.present, self.canary)

    def entrance(self) -> dict[str, Any]:
        """The application with the deployment's route; from one change to the next only its `user_config` differs."""
        timeouts = [ServeOptions.parse(one.config).request_timeout for one in self.parts]
        traffic = {self.present.application: 100 - self.percent}
        if self.canary is not None:
            traffic[self.canary.application] = self.percent
        told = {"traffic": traffic, "request_timeout": max(timeouts), _OWNER: asdict(self)}
        replicas = 1 if ServeOptions.parse(self.present.config).num_replicas == 1 else 2
        return {
            "name": self.name,
            "route_prefix": self.route_prefix,
            "import_path": ENTRANCE,
            "deployments": [{"name": _ENTRANCE_NAME, "num_replicas": replicas, "user_config": told}],
        }

    def deployment(self, served: Served, target: str, url: str) -> Deployment:
        """What the outside sees."""
        canary, present = self.canary, self.present
        return Deployment(
            name=self.name,
            target=target,
            model_uri=present.model_uri,
            resolved_uri=present.resolved_uri,
            flavor=present.flavor,
            status=_status([served.applications.get(name) for name in self.applications]),
            url=url,
            creation_timestamp=self.creation_timestamp,
            last_updated_timestamp=self.last_updated_timestamp,
            config=dict(present.config),
            details={"application": present.application, **({"stored": present.stored} if present.stored else {})},
            canary=None if canary is None else canary.seen(self.percent),
        )

    @property
    def applications(self) -> frozenset[str]:
        """The names of all that belongs to it."""
        return frozenset({self.name, *(one.application for one in self.parts)})


def record_of(application: Application) -> Record | None:
    """The record of an entrance; None for applications that are none, and for one that is going."""
    if not _is_entrance(application):
        return None
    for one in (application.config or {}).get("deployments") or ():
        found = (one.get("user_config") or {}).get(_OWNER)
        if found is not None:
            return Record.read(found)
    return None


def parts_of(name: str, served: Served) -> set[str]:
    """The names of all applications that belong to a deployment, and are not going."""
    owned = {one for one, config in served.listed.items() if (config.get("args") or {}).get(_OWNER) == name}
    present = served.applications.get(name)
    return owned | ({name} if present is not None and _is_entrance(present) else set())


def _is_entrance(application: Application) -> bool:
    config = application.config
    return config is not None and application.status != DELETING and config.get("import_path") == ENTRANCE


def _status(parts: list[Application | None]) -> DeploymentStatus:
    found = [None if one is None else one.status for one in parts]
    if any(one is None or one in FAILED for one in found):
        return DeploymentStatus.FAILED
    return DeploymentStatus.READY if all(one == RUNNING for one in found) else DeploymentStatus.CREATING
