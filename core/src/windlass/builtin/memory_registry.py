"""MemoryModelRegistry: the reference for what a model registry does."""

from __future__ import annotations

from typing import Self

from windlass.builtin.memory_models import MemoryRegisteredModelStore
from windlass.builtin.memory_state import RegistryState, open_state
from windlass.builtin.memory_versions import MemoryModelVersionStore
from windlass.config import Settings
from windlass.interfaces import ModelRegistry
from windlass.uri import Uri


class MemoryModelRegistry(ModelRegistry):
    """Keeps registered models in this process's memory until it ends; URIs as for MemoryTrackingStore."""

    def __init__(self, state: RegistryState) -> None:
        self._models = MemoryRegisteredModelStore(state)
        self._versions = MemoryModelVersionStore(state)

    @classmethod
    def open(cls, uri: Uri, settings: Settings) -> Self:
        """Connect to the registry that `uri` names."""
        del settings
        return cls(open_state(uri, RegistryState, RegistryState))

    @property
    def models(self) -> MemoryRegisteredModelStore:
        """The registered models."""
        return self._models

    @property
    def versions(self) -> MemoryModelVersionStore:
        """Their versions."""
        return self._versions

    def close(self) -> None:
        """Nothing to give back."""
