"""ModelRecord: what a deployment remembers of one of the models that answer for it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from windlass.interfaces.deployment_target import DeploymentRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRecord:
    """One of the models that answer; `model` is its name at the target. Times are epoch milliseconds UTC."""

    model: str
    model_uri: str
    resolved_uri: str
    flavor: str
    creation_timestamp: int
    last_updated_timestamp: int
    config: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def new(cls, request: DeploymentRequest, model: str) -> ModelRecord:
        """The record of a model that is deployed now."""
        now = time.time_ns() // 1_000_000
        return cls(
            model=model,
            model_uri=request.model_uri,
            resolved_uri=request.resolved_uri,
            flavor=request.flavor,
            creation_timestamp=now,
            last_updated_timestamp=now,
            config=dict(request.config),
        )

    def since(self, earlier: ModelRecord) -> ModelRecord:
        """The same as a change of a deployment that was made earlier."""
        return replace(self, creation_timestamp=earlier.creation_timestamp)

    def content(self) -> dict[str, Any]:
        """As a JSON object."""
        return asdict(self)

    @classmethod
    def of_content(cls, content: Any) -> ModelRecord | None:
        """The record in a JSON object; None where there is none that we can read."""
        try:
            return cls(**content)
        except TypeError:
            return None
