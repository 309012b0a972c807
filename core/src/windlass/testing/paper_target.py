"""PaperTarget: a deployment target in this process's memory, which has every ability that targets may have.

A model is a directory with `answer.json`, which holds what it answers; one that answers null fails.
"""

from __future__ import annotations

import builtins
import json
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from windlass.config import Settings
from windlass.entities import Canary, Deployment, DeploymentStatus, Endpoint
from windlass.errors import AlreadyExists, InvalidValue, NotFound, Unavailable
from windlass.interfaces import (
    DeploymentRequest,
    DeploymentTarget,
    OptionType,
    TargetOption,
    check_deployment_name,
    parse_options,
)

_WHOLE = 100
_OPTIONS = (
    TargetOption(name="size", meaning="How many.", type=OptionType.INTEGER, default=1, least=1),
    TargetOption(name="key", meaning="What nobody is to read.", secret=True),
)


@dataclass(slots=True)
class Paper:
    """What is written on it; it refuses to `write` or to `delete` when told so."""

    deployments: dict[tuple[str, str], Deployment] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    asked: list[Mapping[str, Any]] = field(default_factory=list)
    refuse: str = ""


PAPERS: dict[str, Paper] = defaultdict(Paper)
"""The papers by the names of the targets, in this process."""


class PlainPaperTarget(DeploymentTarget):
    """What every target can do, and nothing more."""

    def __init__(self, target: str, endpoint: str | None = None) -> None:
        self._target, self._endpoint, self._paper = target, endpoint, PAPERS[target]

    @classmethod
    def open(cls, target: str, settings: Settings) -> Self:
        """The paper of this name."""
        del settings
        return cls(target)

    def create(self, request: DeploymentRequest) -> Deployment:
        """Write a new deployment down."""
        check_deployment_name(request.name)
        if self._place(request.name) in self._paper.deployments:
            raise AlreadyExists(f"{request.name!r} exists")
        return self._write(request)

    def update(self, request: DeploymentRequest) -> Deployment:
        """Write it down anew."""
        present = self.get(request.name)
        return self._write(request, since=present.creation_timestamp)

    def delete(self, name: str) -> None:
        """Forget it."""
        self._check_willing("delete")
        self._paper.deployments.pop(self._place(name), None)

    def get(self, name: str) -> Deployment:
        """What is written."""
        if self._place(name) not in self._paper.deployments:
            raise NotFound(f"there is no {name!r}")
        return self._paper.deployments[self._place(name)]

    def list(self) -> list[Deployment]:
        """All that is written, of this endpoint."""
        return [one for place, one in sorted(self._paper.deployments.items()) if place[0] == (self._endpoint or "")]

    def predict(self, name: str, payload: Mapping[str, Any]) -> Any:
        """What its model answers to everything that a scoring server takes."""
        answer = self._paper.answers[self.get(name).resolved_uri]
        self._paper.asked.append(payload)
        if answer is None:
            raise Unavailable("the model failed")
        if not {"inputs", "instances", "dataframe_split", "dataframe_records"} & set(payload):
            raise InvalidValue("payload", sorted(payload), "was refused")
        return answer

    def options(self) -> Sequence[TargetOption]:
        """What `config` may hold."""
        return _OPTIONS

    def _write(self, request: DeploymentRequest, *, since: int | None = None) -> Deployment:
        parse_options(_OPTIONS, request.config)
        self._check_willing("write")
        try:
            self._paper.answers[request.resolved_uri] = json.loads((request.model_path / "answer.json").read_text())
        except (OSError, ValueError) as error:
            raise Unavailable(f"the model has no answer: {error}") from error
        now = time.time_ns() // 1_000_000
        return self._keep(
            Deployment(
                name=request.name,
                target=self._target,
                model_uri=request.model_uri,
                resolved_uri=request.resolved_uri,
                flavor=request.flavor,
                status=DeploymentStatus.READY,
                url=f"paper://{request.name}",
                creation_timestamp=since or now,
                last_updated_timestamp=now,
                config=dict(request.config),
                endpoint=self._endpoint,
            )
        )

    def _keep(self, deployment: Deployment) -> Deployment:
        self._paper.deployments[self._place(deployment.name)] = deployment
        return deployment

    def _place(self, name: str) -> tuple[str, str]:
        return self._endpoint or "", name

    def _check_willing(self, what: str) -> None:
        if self._paper.refuse == what:
            raise Unavailable(f"the paper refuses to {what}")


class PaperTarget(PlainPaperTarget):
    """All abilities that a target may have."""

    def explain(self, name: str, payload: Mapping[str, Any]) -> Any:
        """The model is the reason."""
        del payload
        return {"because": self.get(name).resolved_uri}

    def logs(self, name: str, *, follow: bool = False) -> Iterator[str]:
        """One line."""
        yield f"{self.get(name).name} {'goes on' if follow else 'answers'}"

    def start_canary(self, request: DeploymentRequest, percent: int) -> Deployment:
        """Write a canary beside the deployment."""
        present = self.get(request.name)
        if present.canary is not None:
            raise AlreadyExists(f"{request.name!r} has a canary")
        self._write(request)
        canary = Canary(request.model_uri, request.resolved_uri, percent, request.flavor, dict(request.config))
        return self._keep(replace(present, canary=canary))

    def set_canary(self, name: str, percent: int) -> Deployment:
        """Change, keep or forget it."""
        present = self.get(name)
        if present.canary is None:
            raise NotFound(f"{name!r} has no canary")
        if percent == _WHOLE:
            one = present.canary
            return self._keep(
                replace(
                    present,
                    canary=None,
                    model_uri=one.model_uri,
                    resolved_uri=one.resolved_uri,
                    flavor=one.flavor,
                    config=one.config,
                )
            )
        return self._keep(replace(present, canary=replace(present.canary, percent=percent) if percent else None))

    def within(self, endpoint: str) -> DeploymentTarget:
        """The part of the paper that is an endpoint's."""
        return type(self)(self._target, endpoint)

    def create_endpoint(self, name: str, config: Mapping[str, str]) -> Endpoint:
        """Write an endpoint down."""
        if name in self._paper.endpoints:
            raise AlreadyExists(f"the endpoint {name!r} exists")
        self._paper.endpoints[name] = made = Endpoint(name, self._target, config=dict(config))
        return made

    def update_endpoint(self, name: str, config: Mapping[str, str]) -> Endpoint:
        """Change what is written of it."""
        self._paper.endpoints[name] = made = replace(self.get_endpoint(name), config=dict(config))
        return made

    def delete_endpoint(self, name: str) -> None:
        """Forget it, and what is deployed behind it."""
        for place in [one for one in self._paper.deployments if one[0] == name]:
            del self._paper.deployments[place]
        self._paper.endpoints.pop(name, None)

    def get_endpoint(self, name: str) -> Endpoint:
        """What is written."""
        if name not in self._paper.endpoints:
            raise NotFound(f"there is no endpoint {name!r}")
        return self._paper.endpoints[name]

    def list_endpoints(self) -> builtins.list[Endpoint]:
        """All of them."""
        return [one for _, one in sorted(self._paper.endpoints.items())]

    def endpoint_options(self) -> Sequence[TargetOption]:
        """None."""
        return ()

    def run_local(self, request: DeploymentRequest) -> Deployment:
        """Write it down as something that is here."""
        return replace(self._write(request), url="here")
