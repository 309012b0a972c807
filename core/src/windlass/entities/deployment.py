"""Deployment: a model that answers requests somewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class DeploymentStatus(StrEnum):
    """What a deployment is doing."""

    CREATING = "CREATING"
    READY = "READY"
    FAILED = "FAILED"
    STOPPED = "STOPPED"


@dataclass(frozen=True, slots=True)
class Canary:
    """Another model that answers some of a deployment's requests; `percent` is 1 to 99."""

    model_uri: str
    resolved_uri: str
    percent: int
    flavor: str = "python_function"
    config: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Deployment:
    """A model that answers requests at `url`.

    `model_uri` is as the user gave it, `resolved_uri` names the fixed version; `endpoint` is the one that it belongs
    to, on targets that have endpoints. Times are epoch milliseconds UTC; `details` holds what only this target knows
    (process id, region, …).
    """

    name: str
    target: str
    model_uri: str
    resolved_uri: str
    flavor: str = "python_function"
    status: str = DeploymentStatus.CREATING
    url: str | None = None
    creation_timestamp: int = 0
    last_updated_timestamp: int = 0
    config: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, str] = field(default_factory=dict)
    endpoint: str | None = None
    canary: Canary | None = None
