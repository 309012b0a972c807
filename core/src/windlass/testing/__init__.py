"""The conformance kit: one suite per interface, and the definition of what an implementation must do.

A plugin's author subclasses a suite and overrides one fixture. Abilities that are optional are detected; their tests
skip with a reason where they are missing.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping

import pytest

from windlass.plugins import Kind

pytest.register_assert_rewrite(*(f"{__name__}.{module.name}" for module in pkgutil.iter_modules(__path__)))

SUITES: Mapping[Kind, str] = {
    Kind.TRACKING_STORE: "windlass.testing.tracking_store:TrackingStoreSuite",
    Kind.MODEL_REGISTRY: "windlass.testing.model_registry:ModelRegistrySuite",
    Kind.RECORD_STORE: "windlass.testing.record_store:RecordStoreSuite",
    Kind.ARTIFACT_REPOSITORY: "windlass.testing.artifact_repository:ArtifactRepositorySuite",
    Kind.DEPLOYMENT_TARGET: "windlass.testing.deployment_target:DeploymentTargetSuite",
    Kind.PROJECT_BACKEND: "windlass.testing.project_backend:ProjectBackendSuite",
    Kind.ENVIRONMENT_MANAGER: "windlass.testing.environment_manager:EnvironmentManagerSuite",
    Kind.MODEL_FLAVOR: "windlass.testing.model_flavor:ModelFlavorSuite",
    Kind.RUN_CONTEXT: "windlass.testing.run_context:RunContextSuite",
}
"""The suite that every provider of a kind must pass, as `module:class`."""
