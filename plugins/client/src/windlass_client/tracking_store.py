"""HttpTrackingStore: experiments, runs and logged models behind a Windlass or MLflow server."""

from __future__ import annotations

from typing import ClassVar, Self

from windlass.config import Settings
from windlass.interfaces import DeploymentLog, ExperimentStore, LoggedModelStore, RunStore, TrackingStore
from windlass.uri import Uri
from windlass_client.deployment_log import HttpDeploymentLog
from windlass_client.experiment_store import HttpExperimentStore
from windlass_client.logged_model_store import HttpLoggedModelStore
from windlass_client.run_store import HttpRunStore
from windlass_client.transport import Transport


class HttpTrackingStore(TrackingStore):
    """Experiments, runs and logged models behind a server.

    What MLflow's wire lacks (taking models out of the bin, removing for good, logging everything in one step) works
    with Windlass servers only and raises Unsupported with others.
    """

    is_remote: ClassVar[bool] = True

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._experiments = HttpExperimentStore(transport)
        self._runs = HttpRunStore(transport)
        self._logged_models = HttpLoggedModelStore(transport)

    @classmethod
    def open(cls, uri: Uri, settings: Settings) -> Self:
        """The store behind a URL; the first request connects."""
        return cls(Transport(uri.text, settings))

    @property
    def experiments(self) -> ExperimentStore:
        """The experiments."""
        return self._experiments

    @property
    def runs(self) -> RunStore:
        """The runs."""
        return self._runs

    @property
    def logged_models(self) -> LoggedModelStore:
        """The logged models."""
        return self._logged_models

    @property
    def deployment_log(self) -> DeploymentLog:
        """The log of deployments."""
        return HttpDeploymentLog(self._transport)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()
