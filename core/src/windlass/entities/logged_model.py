"""LoggedModel: a model that a run produced, with its own metrics and files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from windlass.entities.lifecycle import LifecycleStage, LoggedModelStatus
from windlass.entities.metric import Metric


@dataclass(frozen=True, slots=True)
class LoggedModel:
    """A model that a run produced; `model_id` is `m-` and 32 hex digits, times are epoch milliseconds UTC."""

    model_id: str
    experiment_id: str
    name: str
    artifact_location: str = ""
    creation_timestamp: int = 0
    last_updated_timestamp: int = 0
    source_run_id: str | None = None
    model_type: str | None = None
    status: str = LoggedModelStatus.PENDING
    status_message: str | None = None
    lifecycle_stage: str = LifecycleStage.ACTIVE
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    metrics: tuple[Metric, ...] = ()

    @property
    def model_uri(self) -> str:
        """The URI that loads this model."""
        return f"models:/{self.model_id}"
