"""EndpointRecord: what a deployment remembers of itself, in the tags of its endpoint's configuration."""

from __future__ import annotations

import base64
import json
import time
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from windlass.errors import InvalidValue
from windlass.interfaces import DeploymentRequest

OWNER = "windlass.deployment"
"""The tag that says whose deployment something is."""
KEPT = "windlass.kept"
"""The tag of what was to be kept when it was replaced."""
_PART = "windlass.record."
_TAG_LENGTH = 256
_MOST_PARTS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRecord:
    """One of the models that answer; `model` is its name at SageMaker. Times are epoch milliseconds UTC."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointRecord:
    """The model of a deployment, and that of its canary.

    It is with the configuration rather than with the endpoint, since an endpoint changes from one configuration to the
    next in one step: what is said of the models is true at any time.
    """

    name: str
    main: ModelRecord
    canary: ModelRecord | None = None

    def tags(self) -> dict[str, str]:
        """As tags; InvalidValue if it is too long for them. AWS takes letters, digits and few signs, so no JSON."""
        text = base64.b64encode(zlib.compress(json.dumps(asdict(self)).encode(), 9)).decode()
        parts = [text[at : at + _TAG_LENGTH] for at in range(0, len(text), _TAG_LENGTH)]
        if len(parts) > _MOST_PARTS:
            limit = f"{_MOST_PARTS * _TAG_LENGTH} characters when packed"
            raise InvalidValue("config", len(text), "is too long to be kept in tags", limit=limit)
        return {OWNER: self.name} | {f"{_PART}{number}": part for number, part in enumerate(parts)}

    @classmethod
    def of_tags(cls, tags: Mapping[str, str]) -> Self | None:
        """The record in tags; None where there is none that we can read."""
        numbers = sorted(int(key.removeprefix(_PART)) for key in tags if key.startswith(_PART))
        try:
            packed = base64.b64decode("".join(tags[f"{_PART}{number}"] for number in numbers), validate=True)
            found: dict[str, Any] = json.loads(zlib.decompress(packed))
            canary = found["canary"]
            return cls(
                name=found["name"],
                main=ModelRecord(**found["main"]),
                canary=None if canary is None else ModelRecord(**canary),
            )
        except (ValueError, KeyError, TypeError, zlib.error):
            return None
