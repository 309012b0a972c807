"""AzureMLTarget: each deployment is a managed online endpoint of a workspace of Azure Machine Learning."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping, Sequence
from typing import Self

from windlass.config import Settings
from windlass.entities import Endpoint
from windlass.interfaces import DeploymentTarget, TargetOption
from windlass_azureml.address import Address
from windlass_azureml.options import ENDPOINT_OPTIONS, OPTIONS
from windlass_azureml.service import OnlineEndpoints
from windlass_azureml.shared_endpoints import SharedEndpoints
from windlass_azureml.within import WithinEndpoint
from windlass_rest.endpoints.log_lines import log_lines
from windlass_rest.endpoints.target import EndpointTarget


class AzureMLTarget(EndpointTarget):
    """Endpoints that carry our tags, in one workspace."""

    def __init__(self, target: str, address: Address, service: OnlineEndpoints) -> None:
        super().__init__(target, service, OPTIONS)
        self._address = address
        self.endpoints = service
        self._shared = SharedEndpoints(target, service)

    @classmethod
    def open(cls, target: str, settings: Settings) -> Self:
        """The workspace that the target names; nothing is asked yet."""
        address = Address.parse(target)
        return cls(target, address, OnlineEndpoints(address, settings))

    def address(self, target: str) -> str:
        """The workspace, however it was named."""
        del target
        return str(self._address)

    def logs(self, name: str, *, follow: bool = False) -> Iterator[str]:
        """What the deployment's model has printed."""
        state = self._found(name)
        variant = state.main.name if state.main is not None else ""
        yield from log_lines(lambda: self.endpoints.log(name, variant), follow=follow)

    def within(self, endpoint: str) -> DeploymentTarget:
        """The deployments of one endpoint."""
        return WithinEndpoint(self._target, self.endpoints.check_name(endpoint), self.endpoints)

    def create_endpoint(self, name: str, config: Mapping[str, str]) -> Endpoint:
        """Make an endpoint for several deployments."""
        return self._shared.create(name, config)

    def update_endpoint(self, name: str, config: Mapping[str, str]) -> Endpoint:
        """Share its requests out anew."""
        return self._shared.update(name, config)

    def delete_endpoint(self, name: str) -> None:
        """Remove an endpoint with its deployments."""
        inside = self.within(name)
        for one in inside.list():
            inside.delete(one.name)
        self._shared.delete(name)

    def get_endpoint(self, name: str) -> Endpoint:
        """The endpoint as it is now."""
        return self._shared.get(name)

    def list_endpoints(self) -> builtins.list[Endpoint]:
        """All endpoints that were made for several deployments."""
        return self._shared.list()

    def endpoint_options(self) -> Sequence[TargetOption]:
        """What `config` of an endpoint may hold."""
        return ENDPOINT_OPTIONS
