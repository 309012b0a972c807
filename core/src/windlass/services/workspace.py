"""Workspace: a tracking store, a registry and the services over them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Lock

from windlass.config import Settings
from windlass.errors import Unsupported
from windlass.interfaces import LogsDeployments, ModelRegistry, RecordStore, Resource, TellsExistence, TrackingStore
from windlass.plugins import Kind, PluginManager, get_plugin_manager
from windlass.services.artifacts import ArtifactService
from windlass.services.deployments.log import RecordedDeployments
from windlass.services.deployments.service import DeploymentService
from windlass.services.deployments.targets import Targets
from windlass.services.experiments import ExperimentService
from windlass.services.garbage.leftovers import LeftoverService
from windlass.services.garbage.service import GarbageService
from windlass.services.logged_models import LoggedModelService
from windlass.services.model_versions import ModelVersionService
from windlass.services.projects import ProjectService
from windlass.services.registered_models import RegisteredModelService
from windlass.services.retention.policies import RetentionPolicies
from windlass.services.retention.service import RetentionService
from windlass.services.runs import RunService
from windlass.services.visibility import EVERYTHING, Visibility
from windlass.uri import Uri


class Workspace(Resource):
    """Everything that one program does with one tracking store and one registry."""

    def __init__(
        self,
        settings: Settings,
        *,
        plugins: PluginManager,
        tracking: TrackingStore,
        registry: ModelRegistry,
        records: Callable[[], RecordStore] | None = None,
        visibility: Visibility = EVERYTHING,
    ) -> None:
        self.settings = settings
        self.plugins = plugins
        self.tracking = tracking
        self.registry = registry
        self._open_records = records
        self._records: RecordStore | None = None
        self._opening_records = Lock()
        self.experiments = ExperimentService(tracking, settings, visibility)
        self.runs = RunService(tracking, plugins, visibility)
        self.logged_models = LoggedModelService(tracking, visibility)
        self.registered_models = RegisteredModelService(registry, visibility)
        self.model_versions = ModelVersionService(
            registry,
            plugins=plugins,
            runs=self.runs,
            logged_models=self.logged_models,
            settings=settings,
            visibility=visibility,
        )
        self.artifacts = ArtifactService(
            settings=settings,
            plugins=plugins,
            runs=self.runs,
            logged_models=self.logged_models,
            model_versions=self.model_versions,
            remote=tracking.is_remote,
        )
        self.deployments = DeploymentService(
            targets=Targets(settings, plugins),
            artifacts=self.artifacts,
            model_versions=self.model_versions,
            log=tracking.deployment_log
            if isinstance(tracking, LogsDeployments)
            else RecordedDeployments(lambda: self.records, plugins, visibility),
        )
        self.projects = ProjectService(settings=settings, plugins=plugins, runs=self.runs)
        self.garbage = GarbageService(
            tracking=tracking,
            registry=registry,
            experiments=self.experiments,
            runs=self.runs,
            logged_models=self.logged_models,
            artifacts=self.artifacts,
        )
        self.retention = RetentionService(
            policies=RetentionPolicies(
                records=lambda: self.records,
                experiments=self.experiments,
                visibility=visibility,
                remote=tracking.is_remote,
            ),
            tracking=tracking,
            registry=registry,
            runs=self.runs,
            logged_models=self.logged_models,
            artifacts=self.artifacts,
            garbage=self.garbage,
        )
        self.leftovers = LeftoverService(
            settings=settings,
            tracking=tracking,
            registry=registry,
            experiments=self.experiments,
            artifacts=self.artifacts,
        )

    @classmethod
    def exists(cls, settings: Settings, plugins: PluginManager | None = None) -> bool:
        """Whether there is the tracking store that `open` would connect to, or make; True where that cannot be told."""
        settings = _with_directories(settings)
        uri = Uri.parse(settings.tracking_uri or settings.default_tracking_uri)
        kind = (plugins or get_plugin_manager()).load(Kind.TRACKING_STORE, uri.scheme)
        return not issubclass(kind, TellsExistence) or kind.exists(uri, settings)

    @classmethod
    def open(cls, settings: Settings, plugins: PluginManager | None = None) -> Workspace:
        """Connect to the stores that the settings name; the project's own SQLite file without."""
        plugins = plugins or get_plugin_manager()
        settings = _with_directories(settings)
        tracking_uri = Uri.parse(settings.tracking_uri or settings.default_tracking_uri)
        registry_uri = Uri.parse(settings.registry_uri) if settings.registry_uri else tracking_uri
        tracking: TrackingStore = plugins.load(Kind.TRACKING_STORE, tracking_uri.scheme).open(tracking_uri, settings)
        try:
            kind = plugins.load(Kind.MODEL_REGISTRY, registry_uri.scheme)
            registry: ModelRegistry = kind.open(registry_uri, settings)
        except BaseException:
            tracking.close()
            raise
        return cls(
            settings,
            plugins=plugins,
            tracking=tracking,
            registry=registry,
            records=lambda: plugins.load(Kind.RECORD_STORE, tracking_uri.scheme).open(tracking_uri, settings),
        )

    @property
    def records(self) -> RecordStore:
        """What the platform itself remembers, beside the runs; opened when it is first needed.

        PluginError where the tracking store has no records beside it.
        """
        with self._opening_records:
            if self._records is None:
                if self._open_records is None:
                    raise Unsupported("this workspace keeps no records")
                self._records = self._open_records()
            return self._records

    def seen_by(self, visibility: Visibility) -> Workspace:
        """The same stores, whose searches show only what may be seen; close the original instead of it."""
        return Workspace(
            self.settings,
            plugins=self.plugins,
            tracking=self.tracking,
            registry=self.registry,
            records=lambda: self.records,
            visibility=visibility,
        )

    def close(self) -> None:
        """Give back all connections; calling it again does nothing."""
        self.artifacts.close()
        self.tracking.close()
        self.registry.close()
        if self._records is not None:
            self._records.close()


def _with_directories(settings: Settings) -> Settings:
    """A plain directory as a store means the SQLite file in it, with the artifacts beside it."""
    if settings.tracking_uri and (directory := _directory(settings.tracking_uri)):
        settings = replace(
            settings,
            tracking_uri=f"sqlite:///{directory.as_posix()}/windlass.db",
            artifact_root=settings.artifact_root or (directory / "artifacts").as_uri(),
        )
    if settings.registry_uri and (directory := _directory(settings.registry_uri)):
        settings = replace(settings, registry_uri=f"sqlite:///{directory.as_posix()}/windlass.db")
    return settings


def _directory(text: str) -> Path | None:
    uri = Uri.parse(text)
    return uri.local_path().absolute() if uri.scheme == "file" else None
