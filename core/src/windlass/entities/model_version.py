"""ModelVersion: one numbered model under a registered name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from windlass.entities.lifecycle import ModelStage, ModelVersionStatus


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A version; numbers count from 1 and are never used again. `source` says where the files are."""

    name: str
    version: int
    source: str
    run_id: str | None = None
    model_id: str | None = None
    run_link: str = ""
    creation_timestamp: int = 0
    last_updated_timestamp: int = 0
    description: str = ""
    user_id: str = ""
    current_stage: str = ModelStage.NONE
    status: str = ModelVersionStatus.READY
    status_message: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
