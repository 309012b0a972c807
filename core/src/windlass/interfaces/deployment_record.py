"""DeploymentRecord: what a deployment remembers of itself, for targets that keep it as JSON beside the model."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from windlass.entities import Deployment
from windlass.interfaces.deployment_target import DeploymentRequest
from windlass.model_uri import is_model_uri


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentRecord:
    """Times are epoch milliseconds UTC; `may_execute` says that the code in the model may run where it is served."""

    name: str
    model_uri: str
    resolved_uri: str
    flavor: str
    may_execute: bool
    creation_timestamp: int
    last_updated_timestamp: int
    config: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def new(cls, request: DeploymentRequest, *, allow_pickle: str) -> DeploymentRecord:
        """The record of a deployment that is made now."""
        now = time.time_ns() // 1_000_000
        return cls(
            name=request.name,
            model_uri=request.model_uri,
            resolved_uri=request.resolved_uri,
            flavor=request.flavor,
            may_execute=may_execute(request.resolved_uri, allow_pickle=allow_pickle),
            creation_timestamp=now,
            last_updated_timestamp=now,
            config=dict(request.config),
        )

    def since(self, earlier: DeploymentRecord) -> DeploymentRecord:
        """The same as an update of a deployment that was made earlier."""
        return replace(self, creation_timestamp=earlier.creation_timestamp)

    def encode(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def decode(cls, value: Any) -> DeploymentRecord | None:
        """The record behind JSON or what it holds; None for a model that is none of ours."""
        try:
            return cls(**(json.loads(value) if isinstance(value, str) else value))
        except (TypeError, ValueError):
            return None

    def deployment(self, target: str, *, status: str, url: str) -> Deployment:
        """What the outside sees."""
        return Deployment(
            name=self.name,
            target=target,
            model_uri=self.model_uri,
            resolved_uri=self.resolved_uri,
            flavor=self.flavor,
            status=status,
            url=url,
            creation_timestamp=self.creation_timestamp,
            last_updated_timestamp=self.last_updated_timestamp,
            config=dict(self.config),
        )


def may_execute(resolved_uri: str, *, allow_pickle: str) -> bool:
    """Whether code that a model brings along may run elsewhere: there a model of the store is but a directory."""
    return allow_pickle == "true" or (allow_pickle == "owned" and is_model_uri(resolved_uri))
