"""What some deployment targets can do beyond the interface."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from windlass.entities import Deployment, Endpoint
from windlass.interfaces.deployment_target import DeploymentRequest, DeploymentTarget
from windlass.interfaces.target_option import TargetOption


@runtime_checkable
class ExplainsPredictions(Protocol):
    """Says why a model predicts what it predicts."""

    def explain(self, name: str, payload: Mapping[str, Any]) -> Any:
        """The explanation of the answer to a request in the scoring server's JSON form; NotFound if there is none."""
        ...


@runtime_checkable
class KeepsLogs(Protocol):
    """Shows what a deployment prints."""

    def logs(self, name: str, *, follow: bool = False) -> Iterator[str]:
        """The lines printed so far, oldest first, without their ends; `follow` goes on with what comes, until stopped.

        NotFound if there is no such deployment.
        """
        ...


@runtime_checkable
class SplitsTraffic(Protocol):
    """Lets another model answer some of the requests before it answers all."""

    def start_canary(self, request: DeploymentRequest, percent: int) -> Deployment:
        """Give the requested model this part (1 to 99) of the requests; the present one answers the others.

        NotFound if there is no deployment, AlreadyExists if it has a canary. A failure leaves what was there.
        """
        ...

    def set_canary(self, name: str, percent: int) -> Deployment:
        """Give the canary another part; with 100 it becomes the deployment's only model, with 0 it goes away.

        NotFound if there is no deployment, or if it has no canary.
        """
        ...


@runtime_checkable
class ManagesEndpoints(Protocol):
    """Has endpoints, addresses behind which there may be several deployments."""

    def within(self, endpoint: str) -> DeploymentTarget:
        """The target that knows the deployments of this endpoint alone; the endpoint need not exist yet.

        To ask the deployment without a name is to ask the endpoint, which shares its requests out.
        """
        ...

    def create_endpoint(self, name: str, config: Mapping[str, str]) -> Endpoint:
        """Make an endpoint without deployments; AlreadyExists if the name is taken."""
        ...

    def update_endpoint(self, name: str, config: Mapping[str, str]) -> Endpoint:
        """Change an endpoint's options, the traffic of its deployments among them; NotFound if there is none."""
        ...

    def delete_endpoint(self, name: str) -> None:
        """Remove an endpoint with its deployments; nothing happens if it is missing."""
        ...

    def get_endpoint(self, name: str) -> Endpoint:
        """The endpoint as it is now; NotFound if there is none."""
        ...

    def list_endpoints(self) -> builtins.list[Endpoint]:
        """All endpoints here, sorted by name."""
        ...

    def endpoint_options(self) -> Sequence[TargetOption]:
        """What `config` of an endpoint may hold."""
        ...


@runtime_checkable
class RunsLocally(Protocol):
    """Runs a model on this machine in the way that it would run on the target, to try it."""

    def run_local(self, request: DeploymentRequest) -> Deployment:
        """Start the model here and return when it answers."""
        ...
