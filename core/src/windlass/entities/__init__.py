"""The values that cross every boundary: frozen, without behaviour that reaches outside."""

from __future__ import annotations

from windlass.entities.dataset import Dataset, DatasetInput
from windlass.entities.deployment import Canary, Deployment, DeploymentStatus
from windlass.entities.deployment_change import ChangeAction, ChangeState, DeploymentChange, DeploymentKey
from windlass.entities.endpoint import Endpoint
from windlass.entities.experiment import DEFAULT_EXPERIMENT_ID, DEFAULT_EXPERIMENT_NAME, Experiment
from windlass.entities.file_info import FileInfo
from windlass.entities.lifecycle import (
    LifecycleStage,
    LoggedModelStatus,
    ModelStage,
    ModelVersionStatus,
    RunStatus,
    ViewType,
)
from windlass.entities.logged_model import LoggedModel
from windlass.entities.metric import Metric
from windlass.entities.model_version import ModelVersion
from windlass.entities.page import EncodedPage, Page
from windlass.entities.param import Param
from windlass.entities.project import Project, ProjectEnvironment, ProjectRun, ProjectSource
from windlass.entities.record import Record
from windlass.entities.registered_model import RegisteredModel
from windlass.entities.run import ModelInput, ModelOutput, Run, RunData, RunInfo, RunInputs, RunOutputs
from windlass.entities.run_event import EventKind, RunEvent, run_changes
from windlass.entities.table_format import TableFormat
from windlass.entities.tag import Tag

RunTag = ExperimentTag = RegisteredModelTag = ModelVersionTag = InputTag = LoggedModelTag = Tag
LoggedModelParameter = Param
LoggedModelInput, LoggedModelOutput = ModelInput, ModelOutput

__all__ = [
    "DEFAULT_EXPERIMENT_ID",
    "DEFAULT_EXPERIMENT_NAME",
    "Canary",
    "ChangeAction",
    "ChangeState",
    "Dataset",
    "DatasetInput",
    "Deployment",
    "DeploymentChange",
    "DeploymentKey",
    "DeploymentStatus",
    "EncodedPage",
    "Endpoint",
    "EventKind",
    "Experiment",
    "ExperimentTag",
    "FileInfo",
    "InputTag",
    "LifecycleStage",
    "LoggedModel",
    "LoggedModelInput",
    "LoggedModelOutput",
    "LoggedModelParameter",
    "LoggedModelStatus",
    "LoggedModelTag",
    "Metric",
    "ModelInput",
    "ModelOutput",
    "ModelStage",
    "ModelVersion",
    "ModelVersionStatus",
    "ModelVersionTag",
    "Page",
    "Param",
    "Project",
    "ProjectEnvironment",
    "ProjectRun",
    "ProjectSource",
    "Record",
    "RegisteredModel",
    "RegisteredModelTag",
    "Run",
    "RunData",
    "RunEvent",
    "RunInfo",
    "RunInputs",
    "RunOutputs",
    "RunStatus",
    "RunTag",
    "TableFormat",
    "Tag",
    "ViewType",
    "run_changes",
]
