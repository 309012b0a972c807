"""ModelRegistrySuite: what every model registry must do."""

from __future__ import annotations

import pytest

from windlass.interfaces import ModelRegistry
from windlass.testing.model_versions import ModelVersionTests
from windlass.testing.registered_models import RegisteredModelTests


class ModelRegistrySuite(RegisteredModelTests, ModelVersionTests):
    """Override the fixture `registry`: an open registry; all tests may share one."""

    @pytest.fixture
    def registry(self) -> ModelRegistry:
        """The registry under test."""
        raise NotImplementedError("override the fixture `registry`")

    def test_the_registry_is_a_model_registry(self, registry: ModelRegistry) -> None:
        assert isinstance(registry, ModelRegistry)

    def test_closing_twice_is_fine(self, registry: ModelRegistry) -> None:
        registry.close()
        registry.close()
