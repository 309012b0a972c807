"""WithinEndpoint: the deployments of one endpoint, which share its requests."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Self

from windlass.config import Settings
from windlass.entities import Deployment, DeploymentStatus
from windlass.errors import AlreadyExists, InvalidValue, NotFound, Unsupported
from windlass.interfaces import (
    DeploymentRequest,
    DeploymentTarget,
    ModelRecord,
    TargetOption,
    of_tags,
    parse_options,
    take_back,
)
from windlass_azureml.options import OF_DEPLOYMENTS, check_forms
from windlass_azureml.plan import OWNER, RECORD
from windlass_azureml.resource_manager import RUNNING
from windlass_azureml.service import OnlineEndpoints, deployment_path, path_of, traffic_of
from windlass_rest.endpoints.log_lines import log_lines
from windlass_rest.endpoints.naming import new_variant
from windlass_rest.endpoints.state import Plan

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,30}[A-Za-z0-9]")
_WHOLE, _DELETION = 100, 1800.0
_ASKED = ("location", "tags", "sku", "properties")


class WithinEndpoint(DeploymentTarget):
    """A deployment keeps its name when it is updated: Azure replaces its machines one after the other.

    The first one gets all requests; the option `traffic` of the endpoint shares them out.
    """

    def __init__(self, target: str, endpoint: str, service: OnlineEndpoints) -> None:
        self._target = target
        self._endpoint = endpoint
        self._service = service

    @classmethod
    def open(cls, target: str, settings: Settings) -> Self:
        """Endpoints are entered through their workspace."""
        del settings
        raise Unsupported(f"{target} is opened with its workspace")

    def create(self, request: DeploymentRequest) -> Deployment:
        """Make a deployment; it gets all requests if no other does."""
        path = self._path(request.name)
        with suppress(NotFound):
            self._service.manager.get(path)
            raise AlreadyExists(f"there is a deployment {request.name!r} in the endpoint {self._endpoint!r}")
        found, plan = self._found_endpoint(), self._plan(request)
        try:
            self._bring(request.name, plan)
            if not traffic_of(found):
                self._service.route(self._endpoint, {request.name: _WHOLE}, timeout=plan.timeout)
        except BaseException as error:
            steps = [(f"the deployment {request.name!r}", lambda: self._drop(request.name)), self._removal(plan)]
            take_back(error, steps)
            raise
        return self.get(request.name)

    def update(self, request: DeploymentRequest) -> Deployment:
        """Give a deployment another model; if that fails it gets back the one that it had."""
        former, record = self._found(request.name)
        plan = self._plan(request, since=record)
        try:
            self._bring(request.name, plan)
        except BaseException as error:
            back = (f"the former model of {request.name!r}", lambda: self._put_back(request.name, former, plan))
            take_back(error, [back, self._removal(plan)])
            raise
        self._service.remove_parts(plan.name, record.model)
        return self.get(request.name)

    def delete(self, name: str) -> None:
        """Remove a deployment; the others get its requests."""
        with suppress(NotFound):
            _, record = self._found(name)
            self._drop(name)
            self._service.remove_parts(self._owner(name), record.model)

    def get(self, name: str) -> Deployment:
        """The deployment as it is now."""
        return self._deployment(*self._found(name))

    def list(self) -> list[Deployment]:
        """The deployments that were made from here."""
        try:
            self._found_endpoint()
        except NotFound:
            return []
        found = list(self._service.manager.each(f"{path_of(self._endpoint)}/deployments"))
        known = [(one, record) for one in found if (record := _record(one)) is not None]
        return sorted((self._deployment(*one) for one in known), key=lambda one: one.name)

    def predict(self, name: str, payload: Mapping[str, Any]) -> Any:
        """The answer of a deployment, or without a name that of any, as the endpoint shares requests out."""
        found = self._found_endpoint()
        asked = name or next(iter(traffic_of(found)), "")
        if not asked:
            raise NotFound(f"no deployment of the endpoint {self._endpoint!r} gets requests")
        options = parse_options(OF_DEPLOYMENTS, self._found(asked)[1].config)
        url = str(found["properties"].get("scoringUri") or "")
        return self._service.ask_deployment(self._endpoint, url, options, payload, deployment=name)

    def logs(self, name: str, *, follow: bool = False) -> Iterator[str]:
        """What a deployment has printed."""
        self._found(name)
        yield from log_lines(lambda: self._service.log(self._endpoint, name), follow=follow)

    def options(self) -> Sequence[TargetOption]:
        """What `config` may hold."""
        return OF_DEPLOYMENTS

    def _plan(self, request: DeploymentRequest, *, since: ModelRecord | None = None) -> Plan:
        variant = new_variant()
        record = ModelRecord.new(request, variant)
        plan = Plan(
            name=self._owner(request.name),
            variant=variant,
            record=record if since is None else record.since(since),
            path=request.model_path,
            options=parse_options(OF_DEPLOYMENTS, request.config),
        )
        check_forms(plan.options)
        return plan

    def _bring(self, name: str, plan: Plan) -> None:
        self._service.prepare(plan)
        self._put(name, self._service.body(plan), plan.timeout)

    def _put(self, name: str, body: Mapping[str, Any], timeout: float) -> None:
        what = f"the deployment {name!r} of the endpoint {self._endpoint!r}"
        wanted = body["properties"]["model"]
        self._service.manager.put(
            self._path(name),
            body,
            what=what,
            timeout=timeout,
            same=lambda one: one["properties"].get("model") == wanted,
        )

    def _put_back(self, name: str, former: Mapping[str, Any], plan: Plan) -> None:
        what = f"the deployment {name!r}"
        present = self._service.manager.settled(self._path(name), what=what, timeout=plan.timeout)
        if present["properties"].get("model") == former["properties"].get("model"):
            return
        properties = {key: value for key, value in former["properties"].items() if key != "provisioningState"}
        body = {key: former[key] for key in _ASKED if former.get(key)}
        self._put(name, {**body, "properties": properties}, plan.timeout)

    def _drop(self, name: str) -> None:
        with suppress(NotFound):
            traffic = traffic_of(self._found_endpoint())
            if traffic.pop(name, 0):
                self._service.route(self._endpoint, _spread(traffic), timeout=_DELETION)
        self._service.manager.delete(self._path(name), what=f"the deployment {name!r}", timeout=_DELETION)

    def _removal(self, plan: Plan) -> tuple[str, Any]:
        return f"the model {plan.variant!r}", lambda: self._service.remove_parts(plan.name, plan.variant)

    def _owner(self, name: str) -> str:
        """What the parts of a deployment are called; no name of Azure's endpoints has a `_`."""
        return f"{self._endpoint}_{name}"

    def _path(self, name: str) -> str:
        if not _NAME.fullmatch(name):
            limit = "3 to 32 letters, digits and '-', with a letter first and no '-' last"
            raise InvalidValue("name", name, "is no name for a deployment of Azure", limit=limit)
        return deployment_path(self._endpoint, name)

    def _found_endpoint(self) -> dict[str, Any]:
        try:
            found = self._service.manager.get(path_of(self._endpoint))
        except NotFound as error:
            hint = "make it with `windlass deployments create-endpoint`"
            raise NotFound(f"there is no endpoint {self._endpoint!r}", hint=hint) from error
        if OWNER in (found.get("tags") or {}):
            raise NotFound(f"the endpoint {self._endpoint!r} belongs to one deployment")
        return found

    def _found(self, name: str) -> tuple[dict[str, Any], ModelRecord]:
        missing = f"there is no deployment {name!r} in the endpoint {self._endpoint!r}"
        self._found_endpoint()
        try:
            found = self._service.manager.get(self._path(name))
        except NotFound as error:
            raise NotFound(missing) from error
        record = _record(found)
        if record is None:
            raise NotFound(missing, hint="there is a deployment of this name that was not made by Windlass")
        return found, record

    def _deployment(self, found: Mapping[str, Any], record: ModelRecord) -> Deployment:
        state = str(found["properties"].get("provisioningState"))
        failed = DeploymentStatus.READY if state == "Succeeded" else DeploymentStatus.FAILED
        made = Deployment(
            name=found["name"],
            target=self._target,
            model_uri=record.model_uri,
            resolved_uri=record.resolved_uri,
            flavor=record.flavor,
            status=DeploymentStatus.CREATING if state in RUNNING else failed,
            creation_timestamp=record.creation_timestamp,
            last_updated_timestamp=record.last_updated_timestamp,
            config=dict(record.config),
            endpoint=self._endpoint,
        )
        with suppress(NotFound):
            url = self._found_endpoint()["properties"].get("scoringUri")
            return replace(made, url=url)
        return made


def _record(found: Mapping[str, Any]) -> ModelRecord | None:
    return ModelRecord.of_content(of_tags(found.get("tags") or {}, RECORD))


def _spread(traffic: Mapping[str, int]) -> dict[str, int]:
    """The parts of those that remain, adding up to all again; none if nobody gets requests."""
    whole = sum(traffic.values())
    parts = {name: part * _WHOLE // whole for name, part in traffic.items()} if whole else {}
    if parts:
        parts[max(parts, key=lambda name: parts[name])] += _WHOLE - sum(parts.values())
    return parts
