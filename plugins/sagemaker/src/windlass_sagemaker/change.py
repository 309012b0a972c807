"""Change: a configuration on its way to an endpoint, with the model that is made for it, if any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from windlass.errors import Conflict, NotFound
from windlass.interfaces import Step, take_back
from windlass_sagemaker.archive import packed
from windlass_sagemaker.checks import check_form
from windlass_sagemaker.clients import Clients
from windlass_sagemaker.options import SageMakerOptions
from windlass_sagemaker.plan import ModelPlan
from windlass_sagemaker.record import OWNER, EndpointRecord
from windlass_sagemaker.resources import BUSY, EndpointState, Resources
from windlass_sagemaker.tags import to_aws

_DELETION = 600.0
"""Seconds for an endpoint to go away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What will be made. All requests are checked by `check` before anything is; a failure takes everything back."""

    clients: Clients
    resources: Resources
    record: EndpointRecord
    options: SageMakerOptions
    config: Mapping[str, Any]
    model: ModelPlan | None = None
    model_path: Any = None

    @property
    def config_name(self) -> str:
        """The new configuration's name."""
        return str(self.config["EndpointConfigName"])

    def create(self) -> EndpointState:
        """Make the endpoint; nothing is left of it if it does not come up."""
        asked = {
            "EndpointName": self.record.name,
            "EndpointConfigName": self.config_name,
            "Tags": to_aws({**self.options.tags, OWNER: self.record.name}),
        }
        self._check("CreateEndpoint", asked)
        what = f"the endpoint {self.record.name!r}"
        try:
            self._make_parts()
            self.resources.ask("create_endpoint", asked, what=what)
            return self._wait()
        except BaseException as error:
            take_back(error, [(what, self._drop_endpoint), *self._parts()])
            raise

    def update(self) -> EndpointState:
        """Bring the endpoint to the new configuration; it goes on with the present one if that fails."""
        asked = {"EndpointName": self.record.name, "EndpointConfigName": self.config_name}
        self._check("UpdateEndpoint", asked)
        present = self.resources.endpoint(self.record.name)
        if present.status in BUSY:
            raise Conflict(f"the endpoint {present.name!r} is {present.status}", hint="wait until that is done")
        try:
            self._make_parts()
            self.resources.ask("update_endpoint", asked, what=f"the endpoint {self.record.name!r}")
            return self._wait()
        except BaseException as error:
            take_back(error, self._parts())
            raise

    def _check(self, operation: str, asked: Mapping[str, Any]) -> None:
        check_form(self.clients, operation, asked)
        check_form(self.clients, "CreateEndpointConfig", self.config)
        if self.model is not None:
            check_form(self.clients, "CreateModel", self.model.request())

    def _make_parts(self) -> None:
        if self.model is not None:
            with packed(self.model_path) as path:
                self.resources.upload(path, bucket=self.model.bucket, key=self.model.key)
            self.resources.ask("create_model", self.model.request(), what=f"the model {self.model.name!r}")
        self.resources.ask(
            "create_endpoint_config", self.config, what=f"the endpoint configuration {self.config_name!r}"
        )

    def _wait(self) -> EndpointState:
        if not self.options.synchronous:
            return self.resources.endpoint(self.record.name)
        timeout = self.options.timeout_seconds
        return self.resources.wait(self.record.name, config=self.config_name, timeout=timeout)

    def _drop_endpoint(self) -> None:
        # Another one may have been quicker with the same name.
        if self._state() is not None:
            self.resources.delete_endpoint(self.record.name, timeout=_DELETION)

    def _state(self) -> str | None:
        """What the endpoint does with our configuration; None if it does not have it."""
        try:
            state = self.resources.endpoint(self.record.name)
        except NotFound:
            return None
        return state.status if state.config == self.config_name else None

    def _parts(self) -> list[Step]:
        steps: list[Step] = [(f"the endpoint configuration {self.config_name!r}", self._drop_config)]
        if self.model is not None:
            model = self.model
            steps += [
                (f"the model {model.name!r}", lambda: self._unless_used(self.resources.delete_model, model.name)),
                (model.archive, lambda: self._unless_used(self._drop_archive, model.key)),
            ]
        return steps

    def _drop_config(self) -> None:
        self._unless_used(self.resources.delete_config, self.config_name)

    def _drop_archive(self, key: str) -> None:
        if self.model is not None:
            self.resources.delete_keys(self.model.bucket, [key])

    def _unless_used(self, drop: Any, name: str) -> None:
        """SageMaker goes on with an update that nobody waits for any more, and it cannot be stopped."""
        try:
            state = self.resources.endpoint(self.record.name)
        except NotFound:
            state = None
        if state is not None and (state.config == self.config_name or state.status in BUSY):
            raise Conflict(f"the endpoint is {state.status}")
        drop(name)
