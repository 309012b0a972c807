"""AzureMLTarget: each deployment is a managed online endpoint of a workspace of Azure Machine Learning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

from windlass.config import Settings
from windlass_azureml.address import Address
from windlass_azureml.options import OPTIONS
from windlass_azureml.service import OnlineEndpoints
from windlass_rest.endpoints.log_lines import log_lines
from windlass_rest.endpoints.target import EndpointTarget


class AzureMLTarget(EndpointTarget):
    """Endpoints that carry our tags, in one workspace."""

    def __init__(self, target: str, address: Address, service: OnlineEndpoints) -> None:
        super().__init__(target, service, OPTIONS)
        self._address = address
        self.endpoints = service

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
