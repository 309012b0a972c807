"""The contracts that plugins implement, one a file."""

from __future__ import annotations

from windlass.interfaces.artifact_abilities import (
    FetchesMany,
    FileWriter,
    KnowsDigests,
    ListsTrees,
    MovesWhole,
    PresignsParts,
    PresignsUrls,
    ReadsRanges,
    SignedRequest,
    StoresMany,
    StreamsParts,
    UploadsParts,
    WritesStreams,
)
from windlass.interfaces.artifact_repository import ArtifactRepository
from windlass.interfaces.database import BackupSummary, DatabaseFindings, SupportsBackup, SupportsCheck
from windlass.interfaces.deployment_abilities import (
    ExplainsPredictions,
    KeepsLogs,
    ManagesEndpoints,
    RunsLocally,
    SplitsTraffic,
)
from windlass.interfaces.deployment_log import DeploymentLog, LogsDeployments
from windlass.interfaces.deployment_name import check_deployment_name
from windlass.interfaces.deployment_record import DeploymentRecord
from windlass.interfaces.deployment_target import DeploymentRequest, DeploymentTarget
from windlass.interfaces.encoded_pages import EncodesPages
from windlass.interfaces.environment_manager import Activation, BuildSite, EnvironmentManager
from windlass.interfaces.metric_sampling import SamplesMetrics
from windlass.interfaces.model_flavor import ModelFlavor, PythonFunction
from windlass.interfaces.model_record import ModelRecord
from windlass.interfaces.model_registry import (
    ModelRegistry,
    ModelVersionStore,
    ModelVersionUpdate,
    RegisteredModelStore,
    RegisteredModelUpdate,
)
from windlass.interfaces.project_backend import ProjectBackend, ProjectHandle
from windlass.interfaces.record_store import RecordStore
from windlass.interfaces.resource import Resource
from windlass.interfaces.run_context import RunContext
from windlass.interfaces.run_following import FollowsMetrics, StreamsRuns
from windlass.interfaces.store_moving import NumbersVersions, ReadsHistories, TellsDeletedAlone, TellsExistence
from windlass.interfaces.tagged import of_tags, to_tags
from windlass.interfaces.taking_back import Step, take_back
from windlass.interfaces.target_option import OptionType, TargetOption, count, parse_options, seconds
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
from windlass.interfaces.waiting import wait_until
from windlass.interfaces.write_groups import GroupsWrites, WouldWait

__all__ = [
    "Activation",
    "ArtifactRepository",
    "BackupSummary",
    "BuildSite",
    "DatabaseFindings",
    "DeploymentLog",
    "DeploymentRecord",
    "DeploymentRequest",
    "DeploymentTarget",
    "EncodesPages",
    "EnvironmentManager",
    "ExperimentStore",
    "ExperimentUpdate",
    "ExplainsPredictions",
    "FetchesMany",
    "FileWriter",
    "FollowsMetrics",
    "GroupsWrites",
    "KeepsLogs",
    "KnowsDigests",
    "ListsTrees",
    "LoggedModelStore",
    "LoggedModelUpdate",
    "LogsDeployments",
    "ManagesEndpoints",
    "ModelFlavor",
    "ModelRecord",
    "ModelRegistry",
    "ModelVersionStore",
    "ModelVersionUpdate",
    "MovesWhole",
    "NumbersVersions",
    "OptionType",
    "PresignsParts",
    "PresignsUrls",
    "ProjectBackend",
    "ProjectHandle",
    "PythonFunction",
    "ReadsHistories",
    "ReadsRanges",
    "RecordStore",
    "RegisteredModelStore",
    "RegisteredModelUpdate",
    "Resource",
    "RunBatch",
    "RunContext",
    "RunStore",
    "RunUpdate",
    "RunsLocally",
    "SamplesMetrics",
    "SignedRequest",
    "SplitsTraffic",
    "Step",
    "StoresMany",
    "StreamsParts",
    "StreamsRuns",
    "SupportsBackup",
    "SupportsCheck",
    "SupportsUpgrade",
    "TargetOption",
    "TellsDeletedAlone",
    "TellsExistence",
    "TrackingStore",
    "UploadsParts",
    "WouldWait",
    "WritesStreams",
    "check_deployment_name",
    "count",
    "of_tags",
    "parse_options",
    "seconds",
    "take_back",
    "to_tags",
    "wait_until",
]
