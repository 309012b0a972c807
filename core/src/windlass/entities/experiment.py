"""Experiment: a named collection of runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from windlass.entities.lifecycle import LifecycleStage

DEFAULT_EXPERIMENT_ID = "0"
DEFAULT_EXPERIMENT_NAME = "Default"


@dataclass(frozen=True, slots=True)
class Experiment:
    """A named collection of runs; times are epoch milliseconds UTC."""

    experiment_id: str
    name: str
    artifact_location: str
    lifecycle_stage: str = LifecycleStage.ACTIVE
    creation_time: int = 0
    last_update_time: int = 0
    tags: Mapping[str, str] = field(default_factory=dict)
