"""ModelInfo: what `log_model` tells about the model that it has stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from windlass_models.signature import ModelSignature


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """A stored model; `model_uri` loads it."""

    model_uri: str
    model_id: str | None = None
    name: str | None = None
    artifact_path: str | None = None
    flavors: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    run_id: str | None = None
    signature: ModelSignature | None = None
    saved_input_example_info: Mapping[str, Any] | None = None
    model_uuid: str | None = None
    utc_time_created: str | None = None
    mlflow_version: str | None = None
    metadata: Mapping[str, Any] | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    step: int | None = None
    registered_model_version: int | None = None

    @property
    def signature_dict(self) -> dict[str, Any] | None:
        """The signature in the form of the MLmodel file."""
        return self.signature.to_dict() if self.signature else None

    def with_version(self, version: int) -> ModelInfo:
        """This, with the number of the registered version."""
        return replace(self, registered_model_version=int(version))
