"""SageMakerTarget: each deployment is an endpoint of Amazon SageMaker."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Mapping, Sequence
from typing import Any, Self

from windlass.config import Settings
from windlass.entities import Deployment
from windlass.errors import AlreadyExists, NotFound, Unsupported, WindlassError
from windlass.interfaces import DeploymentRequest, DeploymentTarget, ModelRecord, TargetOption
from windlass_sagemaker.address import Address
from windlass_sagemaker.asking import AsyncQuestion, ask
from windlass_sagemaker.change import Change
from windlass_sagemaker.checks import look_around
from windlass_sagemaker.clients import Clients
from windlass_sagemaker.leftovers import Leftovers
from windlass_sagemaker.naming import checked, folder
from windlass_sagemaker.options import OPTIONS, SageMakerOptions
from windlass_sagemaker.plan import ModelPlan, plan_config, plan_model, variant
from windlass_sagemaker.record import OWNER, EndpointRecord
from windlass_sagemaker.resources import EndpointState, Resources
from windlass_sagemaker.showing import deployment

_WHOLE = 100
_DELETION = 600.0
_log = logging.getLogger(__name__)


class SageMakerTarget(DeploymentTarget):
    """Endpoints that carry our tag, in one region.

    A deployment is an endpoint, its configuration and a model for each of its variants; a canary is a second variant.
    The record of the deployment is in the tags of the configuration. A change makes a new configuration, to which the
    endpoint goes over while it answers.
    """

    def __init__(self, target: str, address: Address, clients: Clients, settings: Settings) -> None:
        self._target = target
        self._address = address
        self._settings = settings
        self.clients = clients
        self.resources = Resources(clients)
        self._leftovers = Leftovers(clients, self.resources)
        # A configuration never changes, so neither does what is known of it.
        self._records: dict[str, EndpointRecord] = {}

    @classmethod
    def open(cls, target: str, settings: Settings) -> Self:
        """The region and the role that the target names; nothing is asked yet."""
        address = Address.parse(target)
        return cls(target, address, Clients(address), settings)

    def create(self, request: DeploymentRequest) -> Deployment:
        """Make an endpoint, and return when it answers."""
        name, options = checked(request.name), SageMakerOptions.parse(request.config)
        with contextlib.suppress(NotFound):
            found = self.resources.endpoint(name)
            hint = "update it with `windlass deployments update`, or choose another name"
            raise AlreadyExists(f"there is an endpoint {name!r} in {self.clients.region} ({found.status})", hint=hint)
        model = self._plan_model(request, options)
        record = EndpointRecord(name=name, main=ModelRecord.new(request, model.name))
        return self._deployment(self._change(record, model=model, request=request).create(), record)

    def update(self, request: DeploymentRequest) -> Deployment:
        """Make another model and a configuration with it alone; the endpoint answers with the former one until then."""
        options = SageMakerOptions.parse(request.config)
        _, former = self._found(request.name)
        model = self._plan_model(request, options)
        main = ModelRecord.new(request, model.name).since(former.main)
        record = EndpointRecord(name=request.name, main=main)
        state = self._change(record, model=model, request=request).update()
        return self._changed(state, record if options.synchronous else former)

    def delete(self, name: str) -> None:
        """Remove the endpoint and what was made for it; where there is none, what a failed change has left."""
        record, keep, bucket = None, False, None
        with contextlib.suppress(NotFound):
            state = self.resources.endpoint(checked(name))
            if self.resources.tags(state.arn).get(OWNER) != name:
                return
            with contextlib.suppress(NotFound):
                record = self._record(state)
                bucket = self._bucket(record.main.model)
                keep = SageMakerOptions.parse(record.main.config).archive
            self.resources.delete_endpoint(name, timeout=_DELETION)
        self._leftovers.clear(name, bucket=bucket, keep=keep)
        if bucket is not None:
            requests = f"{folder(self.clients.account, self.clients.region, name)}requests/"
            self.resources.delete_keys(bucket, self.resources.keys(bucket, requests))

    def get(self, name: str) -> Deployment:
        """The deployment as it is now."""
        return self._deployment(*self._found(name))

    def list(self) -> list[Deployment]:
        """The endpoints that were made from here, whatever else the region has."""
        found = []
        for one in self.resources.each("list_endpoints", "Endpoints", SortBy="Name", SortOrder="Ascending"):
            with contextlib.suppress(NotFound):
                if OWNER in self.resources.tags(one["EndpointArn"]):
                    found.append(self.get(one["EndpointName"]))
        return sorted(found, key=lambda one: one.name)

    def predict(self, name: str, payload: Mapping[str, Any]) -> Any:
        """The model's answer; from an asynchronous endpoint within `request_timeout`."""
        _, record = self._found(name)
        options = SageMakerOptions.parse(record.main.config)
        if options.async_inference_config is None:
            return ask(self.clients, name, payload)
        bucket, place = self._bucket(record.main.model), folder(self.clients.account, self.clients.region, name)
        return AsyncQuestion(self.clients, name, bucket, place, options.request_timeout).ask(payload)

    def start_canary(self, request: DeploymentRequest, percent: int) -> Deployment:
        """Make a second production variant with this part of the requests."""
        options = SageMakerOptions.parse(request.config)
        _, present = self._found(request.name)
        if present.canary is not None:
            raise AlreadyExists(f"the deployment {request.name!r} has a canary", hint="set it to 0 or 100 first")
        if options.serverless_config is not None or "serverless_config" in present.main.config:
            raise Unsupported("a serverless endpoint has one variant only", hint="deploy to machines, or update it")
        model = self._plan_model(request, options)
        canary = ModelRecord.new(request, model.name)
        record = EndpointRecord(name=request.name, main=present.main, canary=canary)
        state = self._change(record, model=model, request=request, percent=percent).update()
        return self._changed(state, record)

    def set_canary(self, name: str, percent: int) -> Deployment:
        """Change the weights of the variants; 0 and 100 make a configuration with one of the models alone."""
        state, present = self._found(name)
        if present.canary is None:
            raise NotFound(f"the deployment {name!r} has no canary")
        options = SageMakerOptions.parse(present.main.config)
        if 0 < percent < _WHOLE:
            self._weigh(state, percent, options)
            return self.get(name)
        main = present.main if percent == 0 else present.canary.since(present.main)
        record = EndpointRecord(name=name, main=main)
        return self._changed(self._change(record).update(), record)

    def address(self, target: str) -> str:
        """The region and the role, however they were named."""
        del target
        return "/".join(filter(None, ("sagemaker:", self.clients.region, self._address.role)))

    def options(self) -> Sequence[TargetOption]:
        """What `config` may hold."""
        return OPTIONS

    def _plan_model(self, request: DeploymentRequest, options: SageMakerOptions) -> ModelPlan:
        around = look_around(self.clients, options, role=self._address.role, image=self._settings.sagemaker_image_url)
        return plan_model(request, options, around, allow_pickle=self._settings.allow_pickle)

    def _change(
        self,
        record: EndpointRecord,
        *,
        model: ModelPlan | None = None,
        request: DeploymentRequest | None = None,
        percent: int = 0,
    ) -> Change:
        options = SageMakerOptions.parse(record.main.config)
        name = options.variant_name
        variants = [variant(options, record.main.model, name=name, weight=_WHOLE - percent)]
        if record.canary is not None:
            canary = SageMakerOptions.parse(record.canary.config)
            variants.append(variant(canary, record.canary.model, name=_canary_name(name), weight=percent))
        return Change(
            clients=self.clients,
            resources=self.resources,
            record=record,
            options=options,
            config=plan_config(record, options, variants),
            model=model,
            model_path=None if request is None else request.model_path,
        )

    def _weigh(self, state: EndpointState, percent: int, options: SageMakerOptions) -> None:
        name = options.variant_name
        parts = [(name, _WHOLE - percent), (_canary_name(name), percent)]
        wanted = [{"VariantName": one, "DesiredWeight": float(part)} for one, part in parts]
        asked = {"EndpointName": state.name, "DesiredWeightsAndCapacities": wanted}
        self.resources.ask("update_endpoint_weights_and_capacities", asked, what=f"the endpoint {state.name!r}")
        self.resources.wait(state.name, config=state.config, timeout=options.timeout_seconds)

    def _changed(self, state: EndpointState, record: EndpointRecord) -> Deployment:
        """The deployment after a change, without what it does not use any more."""
        options = SageMakerOptions.parse(record.main.config)
        models = [one.model for one in (record.main, record.canary) if one is not None]
        try:
            if options.synchronous:
                bucket = self._bucket(record.main.model)
                self._leftovers.clear(state.name, used=[state.config, *models], bucket=bucket, keep=options.archive)
            if options.tags:
                self.resources.add_tags(state.arn, options.tags)
        except WindlassError as error:
            # The change is made; what could not be tidied up goes with the next one.
            _log.warning("after the change of %r: %s", state.name, error)
        return self._deployment(state, record)

    def _found(self, name: str) -> tuple[EndpointState, EndpointRecord]:
        try:
            state = self.resources.endpoint(checked(name))
            return state, self._record(state)
        except NotFound as error:
            message = f"there is no deployment {name!r} on SageMaker in {self.clients.region}"
            raise NotFound(message) from error

    def _record(self, state: EndpointState) -> EndpointRecord:
        """The record of an endpoint; NotFound if it is none of ours, or was given a configuration by somebody else."""
        if (known := self._records.get(state.config)) is not None and known.name == state.name:
            return known
        record = EndpointRecord.of_tags(self.resources.tags(self.resources.config(state.config)["EndpointConfigArn"]))
        if record is None or record.name != state.name:
            raise NotFound(f"the endpoint {state.name!r} was not made by Windlass")
        self._records[state.config] = record
        return record

    def _bucket(self, model: str) -> str:
        """The bucket with a model's archive."""
        place = str(self.resources.model(model)["PrimaryContainer"]["ModelDataUrl"])
        return place.removeprefix("s3://").partition("/")[0]

    def _deployment(self, state: EndpointState, record: EndpointRecord) -> Deployment:
        url = self.clients.sagemaker_runtime.meta.endpoint_url
        return deployment(self._target, state, record, url=f"{url}/endpoints/{state.name}/invocations")


def _canary_name(name: str) -> str:
    return f"{name}-canary"
