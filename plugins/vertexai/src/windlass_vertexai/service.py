"""Endpoints: online prediction of Vertex AI."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from windlass.entities import DeploymentStatus
from windlass.errors import Conflict, InvalidValue, NotFound, Unavailable
from windlass.interfaces import ArtifactRepository, ModelRecord, parse_options
from windlass.model_uri import is_model_uri
from windlass_rest.endpoints.naming import is_variant
from windlass_rest.endpoints.service import EndpointService
from windlass_rest.endpoints.state import EndpointState, Plan, Variant
from windlass_rest.scoring import ask
from windlass_vertexai.operations import Operations
from windlass_vertexai.options import OPTIONS, check_options
from windlass_vertexai.plan import BORN, OWNER, body_of_deployed, body_of_model, labels, record_of

_NAME = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
_DELETION = 1800.0
_MODEL = "windlass-"
_DEPLOYING, _UNDEPLOYING = "DeployModelOperationMetadata", "UndeployModelOperationMetadata"


class Endpoints(EndpointService):
    """A variant is a model that was made for it, deployed to the endpoint; `staged` opens a place of files."""

    name = "Vertex AI"

    def __init__(
        self, top: str, operations: Operations, staged: Callable[[str], ArtifactRepository], *, allow_pickle: str
    ) -> None:
        self._top = top
        self._api = operations
        self._staged = staged
        self._allow_pickle = allow_pickle
        # A model never changes, so neither does what it remembers.
        self._records: dict[str, ModelRecord] = {}

    def check_name(self, name: str) -> str:
        """The name, if it can be the id of an endpoint."""
        if not _NAME.fullmatch(name):
            limit = "1 to 63 small letters, digits and '-', with a letter first and no '-' last"
            raise InvalidValue("name", name, "is no name for an endpoint of Vertex AI", limit=limit)
        return name

    def check(self, plan: Plan) -> None:
        """Whether the options have the right form."""
        check_options(plan.options)

    def state(self, name: str) -> EndpointState:
        """The endpoint with the models behind it."""
        return self._state(self._api.get(self._endpoint(name)))

    def states(self) -> list[EndpointState]:
        """The endpoints that carry our label."""
        return [self._state(one) for one in self._api.each(self._top, "endpoints", {"filter": f"labels.{OWNER}:*"})]

    def prepare(self, plan: Plan) -> None:
        """Put the model's files into the place that the options name, and make a model of them."""
        place = self._place(plan)
        with self._staged(place) as repository:
            for file in sorted(one for one in plan.path.rglob("*") if one.is_file()):
                repository.put_file(file, file.relative_to(plan.path).as_posix())
        owned = self._allow_pickle == "owned" and is_model_uri(plan.record.resolved_uri)
        body = body_of_model(plan, place=place, allow_pickle="true" if owned else self._allow_pickle)
        asked = {"model": body, "modelId": f"{_MODEL}{plan.variant}"}
        what = f"the model {plan.variant!r}"
        self._api.run("POST", f"{self._top}/models:upload", asked, what=what, timeout=plan.timeout)

    def open(self, plan: Plan) -> None:
        """Make the endpoint, and deploy the model to it."""
        asked = {"displayName": plan.name, "labels": labels(plan)}
        query, what = {"endpointId": plan.name}, f"the endpoint {plan.name!r}"
        self._api.run("POST", f"{self._top}/endpoints", asked, what=what, timeout=plan.timeout, query=query)
        self._deploy(plan, {"0": 100})

    def turn(self, state: EndpointState, traffic: Mapping[str, int], plan: Plan | None) -> None:
        """Deploy the new model without traffic, and then give all their parts at once."""
        if plan is not None:
            self._deploy(plan, {})
        ids = _ids(self._api.get(self._endpoint(state.name)))
        split = {ids[name]: part for name, part in traffic.items()}
        try:
            self._api.patch(self._endpoint(state.name), {"trafficSplit": split}, mask="trafficSplit")
        except Unavailable:
            # The answer may be lost although it is done.
            if self._api.get(self._endpoint(state.name)).get("trafficSplit") != split:
                raise

    def remove(self, state: EndpointState | None, plan: Plan | str) -> None:
        """Undeploy a model, delete it, and its files."""
        variant = plan if isinstance(plan, str) else plan.variant
        name = plan.name if isinstance(plan, Plan) else state.owner if state is not None else ""
        with suppress(NotFound):
            found = self._api.get(self._endpoint(name))
            if variant in _ids(found):
                if found.get("trafficSplit", {}).get(_ids(found)[variant]):
                    raise Conflict(f"the endpoint {name!r} uses it")
                self._undeploy(name, _ids(found)[variant], {})
        place = self._place(plan) if isinstance(plan, Plan) else ""
        with suppress(NotFound):
            place = self._api.get(self._model(variant))["artifactUri"]
        self._api.delete(self._model(variant), what=f"the model {variant!r}", timeout=_DELETION)
        if place:
            with self._staged(place) as repository:
                repository.delete("")

    def close(self, state: EndpointState) -> None:
        """Undeploy all models, and delete the endpoint."""
        with suppress(NotFound):
            ids = list(_ids(self._api.get(self._endpoint(state.name))).values())
            for number, one in enumerate(ids, start=1):
                # What is left gets all requests until it goes, too.
                self._undeploy(state.name, one, {ids[-1]: 100} if number < len(ids) else {})
            self._api.delete(self._endpoint(state.name), what=f"the endpoint {state.name!r}", timeout=_DELETION)

    def left(self, name: str, state: EndpointState | None) -> list[str]:
        """The variants with a model."""
        found = {one.name for one in (state.variants if state is not None else ())}
        for one in self._api.each(self._top, "models", {"filter": f'labels.{OWNER}="{name}"'}):
            found.add(one["name"].rpartition("/")[2].removeprefix(_MODEL))
        return sorted(one for one in found if is_variant(one))

    def ask(self, state: EndpointState, payload: Mapping[str, Any]) -> Any:
        """What the container answers."""
        options = parse_options(OPTIONS, state.main.record.config) if state.main is not None else {}
        rest = replace(self._api.rest, timeout=float(options.get("request_timeout", self._api.rest.timeout)))
        return ask(rest, f"/v1/{self._endpoint(state.name)}:rawPredict", payload)

    def _deploy(self, plan: Plan, split: Mapping[str, int]) -> None:
        asked: dict[str, Any] = {"deployedModel": body_of_deployed(plan, model=self._model(plan.variant))}
        asked |= {"trafficSplit": dict(split)} if split else {}
        what = f"the model {plan.variant!r} behind the endpoint {plan.name!r}"
        name = f"{self._endpoint(plan.name)}:deployModel"
        self._api.run("POST", name, asked, what=what, timeout=plan.timeout, kind=_DEPLOYING)

    def _undeploy(self, name: str, deployed: str, split: Mapping[str, int]) -> None:
        asked: dict[str, Any] = {"deployedModelId": deployed, **({"trafficSplit": dict(split)} if split else {})}
        what = f"a model behind the endpoint {name!r}"
        path = f"{self._endpoint(name)}:undeployModel"
        self._api.run("POST", path, asked, what=what, timeout=_DELETION, kind=_UNDEPLOYING)

    def _endpoint(self, name: str) -> str:
        return f"{self._top}/endpoints/{name}"

    def _model(self, variant: str) -> str:
        return f"{self._top}/models/{_MODEL}{variant}"

    def _place(self, plan: Plan) -> str:
        return f"{plan.options['staging'].rstrip('/')}/windlass/{plan.name}/{plan.variant}"

    def _state(self, found: Mapping[str, Any]) -> EndpointState:
        tags, name = found.get("labels") or {}, found["name"].rpartition("/")[2]
        known = [] if OWNER not in tags else self._variants(found)
        return EndpointState(
            name=name,
            status=DeploymentStatus.READY if any(one.percent for one in known) else DeploymentStatus.FAILED,
            url=f"{self._api.rest.url}/v1/{found['name']}:rawPredict",
            owner=tags.get(OWNER, ""),
            born=tags.get(BORN, ""),
            reason="no model behind it gets requests",
            variants=tuple(known),
            details={"endpoint": found["name"]},
        )

    def _variants(self, found: Mapping[str, Any]) -> list[Variant]:
        split = found.get("trafficSplit") or {}
        known = []
        for name, deployed in _ids(found).items():
            if (record := self._record(name)) is not None:
                known.append(Variant(name=name, record=record, percent=int(split.get(deployed, 0))))
        return known

    def _record(self, variant: str) -> ModelRecord | None:
        if variant not in self._records:
            with suppress(NotFound):
                record = record_of(self._api.get(self._model(variant)))
                if record is not None:
                    self._records[variant] = record
        return self._records.get(variant)


def _ids(found: Mapping[str, Any]) -> dict[str, str]:
    """Google's id of each variant that is deployed."""
    deployed = found.get("deployedModels") or []
    return {one["displayName"]: one["id"] for one in deployed if is_variant(one.get("displayName", ""))}
