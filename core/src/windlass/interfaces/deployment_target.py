"""Where models answer requests."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from windlass.config import Settings
from windlass.entities import Deployment
from windlass.interfaces.target_option import TargetOption


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentRequest:
    """What to deploy.

    `model_uri` is as the user gave it, `resolved_uri` names the fixed version behind it, and `model_path` is a local
    directory with that model's files, which the target may copy and must not change.
    """

    name: str
    model_uri: str
    resolved_uri: str
    model_path: Path
    flavor: str = "python_function"
    config: Mapping[str, str] = field(default_factory=dict)


class DeploymentTarget(ABC):
    """A place where models answer requests.

    What it remembers of a deployment it keeps where the deployment is, so that another program with another home finds
    it. More abilities are in `deployment_abilities`. Options in `config` are checked before anything is made. A step
    that fails half-way leaves nothing behind, or what was there before. Calls return when the deployment answers, or
    raise within a bounded time.
    """

    @classmethod
    @abstractmethod
    def open(cls, target: str, settings: Settings) -> Self:
        """The target that the user named, such as `local` or `name:/path`."""

    @abstractmethod
    def create(self, request: DeploymentRequest) -> Deployment:
        """Deploy a model under a new name; AlreadyExists if the name is taken."""

    @abstractmethod
    def update(self, request: DeploymentRequest) -> Deployment:
        """Replace what is deployed under the name; NotFound if there is none."""

    @abstractmethod
    def delete(self, name: str) -> None:
        """Stop the deployment and remove all it made; nothing happens if it is missing."""

    @abstractmethod
    def get(self, name: str) -> Deployment:
        """The deployment as it is now; NotFound if there is none."""

    @abstractmethod
    def list(self) -> list[Deployment]:
        """All deployments here, sorted by name."""

    @abstractmethod
    def predict(self, name: str, payload: Mapping[str, Any]) -> Any:
        """The deployment's answer to a request in the scoring server's JSON form; NotFound if there is none."""

    def address(self, target: str) -> str:
        """What to call the place that `target` names, so that it means the same to everybody who reads it."""
        return target

    def options(self) -> Sequence[TargetOption]:
        """What `config` may hold."""
        return ()
