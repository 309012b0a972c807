"""MemoryTrackingStore: the reference for what a tracking store does."""

from __future__ import annotations

import time
from typing import Self

from windlass.builtin.memory_experiments import MemoryExperimentStore
from windlass.builtin.memory_logged_models import MemoryLoggedModelStore
from windlass.builtin.memory_runs import MemoryRunStore
from windlass.builtin.memory_state import TrackingState, open_state
from windlass.config import Settings
from windlass.entities import DEFAULT_EXPERIMENT_ID, DEFAULT_EXPERIMENT_NAME, Experiment
from windlass.interfaces import TrackingStore
from windlass.uri import Uri, join


class MemoryTrackingStore(TrackingStore):
    """Keeps everything in this process's memory until it ends.

    `memory:` opens a fresh store; all that open `memory://name` meet in the same one.
    """

    def __init__(self, state: TrackingState) -> None:
        self._experiments = MemoryExperimentStore(state)
        self._runs = MemoryRunStore(state)
        self._logged_models = MemoryLoggedModelStore(state)

    @classmethod
    def open(cls, uri: Uri, settings: Settings) -> Self:
        """Connect to the store that `uri` names."""

        def make() -> TrackingState:
            location = join(settings.default_artifact_root, DEFAULT_EXPERIMENT_ID)
            now = int(time.time() * 1000)
            default = Experiment(
                DEFAULT_EXPERIMENT_ID, DEFAULT_EXPERIMENT_NAME, location, creation_time=now, last_update_time=now
            )
            return TrackingState(experiments={DEFAULT_EXPERIMENT_ID: default})

        return cls(open_state(uri, make, TrackingState))

    @property
    def experiments(self) -> MemoryExperimentStore:
        """The experiments."""
        return self._experiments

    @property
    def runs(self) -> MemoryRunStore:
        """The runs."""
        return self._runs

    @property
    def logged_models(self) -> MemoryLoggedModelStore:
        """The logged models."""
        return self._logged_models

    def close(self) -> None:
        """Nothing to give back."""
