"""The contracts that plugins implement, one a file."""

from __future__ import annotations

from windlass.interfaces.artifact_repository import ArtifactRepository
from windlass.interfaces.deployment_target import DeploymentRequest, DeploymentTarget
from windlass.interfaces.model_flavor import ModelFlavor, PythonFunction
from windlass.interfaces.model_registry import (
    ModelRegistry,
    ModelVersionStore,
    ModelVersionUpdate,
    RegisteredModelStore,
    RegisteredModelUpdate,
)
from windlass.interfaces.record_store import RecordStore
from windlass.interfaces.resource import Resource
from windlass.interfaces.run_context import RunContext
from windlass.interfaces.tracking_store import (
    ExperimentStore,
    ExperimentUpdate,
    LoggedModelStore,
    LoggedModelUpdate,
    RunBatch,
    RunStore,
    RunUpdate,
    SupportsUpgrade,
    TrackingStore,
)

__all__ = [
    "ArtifactRepository",
    "DeploymentRequest",
    "DeploymentTarget",
    "ExperimentStore",
    "ExperimentUpdate",
    "LoggedModelStore",
    "LoggedModelUpdate",
    "ModelFlavor",
    "ModelRegistry",
    "ModelVersionStore",
    "ModelVersionUpdate",
    "PythonFunction",
    "RecordStore",
    "RegisteredModelStore",
    "RegisteredModelUpdate",
    "Resource",
    "RunBatch",
    "RunContext",
    "RunStore",
    "RunUpdate",
    "SupportsUpgrade",
    "TrackingStore",
]
