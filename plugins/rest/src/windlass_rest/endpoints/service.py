"""EndpointService: what EndpointTarget needs of a service that has endpoints with models behind them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from windlass_rest.endpoints.state import EndpointState, Plan


class EndpointService(ABC):
    """Each method is one step of a change: it ends when the service has done it, or raises within a bounded time.

    What is removed may be missing; what is asked for raises NotFound.
    """

    name: str
    """What users call the service."""

    @abstractmethod
    def check_name(self, name: str) -> str:
        """The name, if an endpoint may have it; InvalidValue otherwise."""

    @abstractmethod
    def check(self, plan: Plan) -> None:
        """Whether there is all that the plan needs; InvalidValue otherwise. Nothing is made."""

    @abstractmethod
    def state(self, name: str) -> EndpointState:
        """The endpoint of this name, whosever it is."""

    @abstractmethod
    def states(self) -> list[EndpointState]:
        """All endpoints that were made from here."""

    @abstractmethod
    def prepare(self, plan: Plan) -> None:
        """Bring a model to the service, where no endpoint uses it yet."""

    @abstractmethod
    def open(self, plan: Plan) -> None:
        """Make the endpoint, with the prepared model alone."""

    @abstractmethod
    def turn(self, state: EndpointState, traffic: Mapping[str, int], plan: Plan | None) -> None:
        """Give variants of the endpoint these percentages; `plan` is the one of them that is new.

        It answers as before until that is done, and if it fails.
        """

    @abstractmethod
    def remove(self, state: EndpointState | None, plan: Plan | str) -> None:
        """Take away a variant with its model, a planned one or by name; Conflict if the endpoint still uses it.

        `state` is the endpoint as it was last seen, None if there was none.
        """

    @abstractmethod
    def close(self, state: EndpointState) -> None:
        """Take away the endpoint; its models stay."""

    @abstractmethod
    def left(self, name: str, state: EndpointState | None) -> list[str]:
        """The variants of which there is anything that was made for a deployment, in use or not."""

    @abstractmethod
    def ask(self, state: EndpointState, payload: Mapping[str, Any]) -> Any:
        """The endpoint's answer."""
