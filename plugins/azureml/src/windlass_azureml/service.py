"""OnlineEndpoints: managed online endpoints of Azure Machine Learning."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlsplit

from windlass.config import Settings
from windlass.entities import DeploymentStatus
from windlass.errors import AlreadyExists, Conflict, InvalidValue, NotFound
from windlass.interfaces import ModelRecord, of_tags, parse_options
from windlass.model_uri import is_model_uri
from windlass_azureml.address import Address
from windlass_azureml.options import OPTIONS, check_forms
from windlass_azureml.plan import BORN, OWNER, RECORD, body_of_deployment, body_of_environment, record_tags
from windlass_azureml.resource_manager import RUNNING, ResourceManager
from windlass_azureml.scoring import from_azure, to_azure
from windlass_azureml.sign_in import ENDPOINTS, SignIn
from windlass_azureml.storage import Storage
from windlass_rest.endpoints.naming import is_variant
from windlass_rest.endpoints.service import EndpointService
from windlass_rest.endpoints.state import EndpointState, Plan, Variant
from windlass_rest.rest import Rest
from windlass_rest.scoring import ask

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,30}[A-Za-z0-9]")
_DELETION = 1800.0
_STATUS: Mapping[str, DeploymentStatus] = {
    "Creating": DeploymentStatus.CREATING,
    "Failed": DeploymentStatus.FAILED,
    "Canceled": DeploymentStatus.FAILED,
    "Deleting": DeploymentStatus.STOPPED,
}


class OnlineEndpoints(EndpointService):
    """A variant is a deployment of an endpoint, with a model of the workspace that was made for it."""

    name = "Azure Machine Learning"

    def __init__(self, address: Address, settings: Settings) -> None:
        self._settings = settings
        self._top = address.path
        self._sign_in = SignIn(settings)
        self.manager = ResourceManager(address, settings, self._sign_in)
        self._opened: Storage | None = None
        self._keys: dict[str, str] = {}

    def check_name(self, name: str) -> str:
        """The name, if Azure gives it to endpoints."""
        if not _NAME.fullmatch(name):
            limit = "3 to 32 letters, digits and '-', with a letter first and no '-' last"
            raise InvalidValue("name", name, "is no name for an online endpoint", limit=limit)
        return name

    def check(self, plan: Plan) -> None:
        """Whether the options have the right form, and the record fits into tags."""
        check_forms(plan.options)
        record_tags(plan)

    def state(self, name: str) -> EndpointState:
        """The endpoint with its deployments."""
        return self._state(self.manager.get(path_of(name)))

    def states(self) -> list[EndpointState]:
        """The endpoints that carry our tag."""
        found = []
        for one in self.manager.each("/onlineEndpoints"):
            if OWNER in (one.get("tags") or {}):
                # It may be deleted meanwhile.
                with suppress(NotFound):
                    found.append(self._state(one))
        return found

    def prepare(self, plan: Plan) -> None:
        """Upload the model's files, and make a model of the workspace of them, with its environment if it has one."""
        place = _place(plan.name, plan.variant)
        self._storage.upload(plan.path, f"{place}/model")
        kind = "custom_model" if "image" in plan.options else "mlflow_model"
        uri = f"azureml:/{self._top}/datastores/{self._storage.datastore}/paths/{place}/model"
        properties = {"modelUri": uri, "modelType": kind, "tags": {OWNER: plan.name}}
        self._put(_model(plan.name, plan.variant), {"properties": properties}, plan, f"the model {plan.variant!r}")
        if "image" in plan.options:
            environment = body_of_environment(plan)
            self._put(_environment(plan.name, plan.variant), environment, plan, f"the environment {plan.variant!r}")

    def open(self, plan: Plan) -> None:
        """Make the endpoint, a deployment in it, and give it all requests."""
        with suppress(NotFound):
            self.manager.get(path_of(plan.name))
            raise AlreadyExists(f"there is an endpoint {plan.name!r}")
        tags = {**plan.options.get("tags", {}), OWNER: plan.name, BORN: plan.variant}
        self.make_endpoint(plan.name, plan.options, tags)
        self._deploy(plan)
        self.route(plan.name, {plan.variant: 100}, timeout=plan.timeout)

    def turn(self, state: EndpointState, traffic: Mapping[str, int], plan: Plan | None) -> None:
        """Make the new deployment, which gets no requests until the traffic is changed."""
        timeout = float(options_of(state)["timeout"]) if plan is None else plan.timeout
        if plan is not None:
            self._deploy(plan)
        self.route(state.name, traffic, timeout=timeout)

    def make_endpoint(self, name: str, options: Mapping[str, Any], tags: Mapping[str, str]) -> dict[str, Any]:
        """An endpoint without deployments."""
        body = {
            "location": self.location,
            "identity": {"type": "SystemAssigned"},
            "tags": dict(tags),
            "properties": {
                "authMode": options["auth_mode"],
                "publicNetworkAccess": options["public_network_access"],
                "traffic": {},
            },
        }
        return self.manager.put(
            path_of(name), body, what=f"the endpoint {name!r}", timeout=float(options["timeout"]), same=lambda _: False
        )

    def route(
        self, name: str, traffic: Mapping[str, int], *, timeout: float, mirror: Mapping[str, int] | None = None
    ) -> None:
        """Give deployments these percentages, and the others none."""
        found = self.manager.get(path_of(name))
        about = found["properties"]
        kept = {key: about[key] for key in ("authMode", "publicNetworkAccess", "description") if about.get(key)}
        changed = {"traffic": dict(traffic), **({} if mirror is None else {"mirrorTraffic": dict(mirror)})}
        body = {
            **{key: found[key] for key in ("location", "tags", "identity", "kind", "sku") if found.get(key)},
            "properties": {**kept, **changed},
        }
        body["identity"] = _given_identity(body.get("identity"))
        what = f"the traffic of the endpoint {name!r}"
        self.manager.put(
            path_of(name), body, what=what, timeout=timeout, same=lambda one: traffic_of(one) == dict(traffic)
        )

    def remove(self, state: EndpointState | None, plan: Plan | str) -> None:
        """Delete a deployment with its environment, its model and its files."""
        name = plan.name if isinstance(plan, Plan) else state.owner if state is not None else ""
        variant = plan if isinstance(plan, str) else plan.variant
        with suppress(NotFound):
            if traffic_of(self.manager.get(path_of(name))).get(variant):
                raise Conflict(f"the endpoint {name!r} uses it")
        what = f"the deployment {variant!r}"
        self.manager.delete(deployment_path(name, variant), what=what, timeout=_DELETION)
        self.remove_parts(name, variant)

    def remove_parts(self, name: str, variant: str) -> None:
        """Delete what was made for a deployment before it."""
        for path, what in ((_environment(name, variant), "environment"), (_model(name, variant), "model")):
            self.manager.delete(path, what=f"the {what} {variant!r}", timeout=_DELETION)
        self._storage.delete(f"{_place(name, variant)}/")

    def close(self, state: EndpointState) -> None:
        """Delete the endpoint with its deployments."""
        self.manager.delete(path_of(state.name), what=f"the endpoint {state.name!r}", timeout=_DELETION)
        self._keys.pop(state.name, None)

    def left(self, name: str, state: EndpointState | None) -> list[str]:
        """The variants with a deployment, an environment, a model or files."""
        found = {one.name for one in (state.variants if state is not None else ())}
        for container in ("models", "environments"):
            found |= {one["name"] for one in self.manager.each(f"/{container}/{_container(name)}/versions")}
        found |= {blob.split("/")[2] for blob in self._storage.blobs(f"windlass/{name}/")}
        return sorted(one for one in found if is_variant(one))

    def ask(self, state: EndpointState, payload: Mapping[str, Any]) -> Any:
        """The endpoint's answer."""
        return self.ask_deployment(state.name, state.url, options_of(state), payload)

    def ask_deployment(
        self, name: str, url: str, options: Mapping[str, Any], payload: Mapping[str, Any], *, deployment: str = ""
    ) -> Any:
        """The answer of an endpoint, or of one of its deployments alone."""
        parts = urlsplit(url)
        rest = Rest.open(
            f"{parts.scheme}://{parts.netloc}",
            self._settings,
            name=f"the endpoint {name!r}",
            timeout=options["request_timeout"],
            authorize=lambda: {"authorization": f"Bearer {self._key(name)}"},
            renew=lambda: self._forget(name),
        )
        headers = {"azureml-model-deployment": deployment} if deployment else None
        if "image" in options:
            return ask(rest, parts.path, payload, headers=headers)
        return from_azure(ask(rest, parts.path, to_azure(payload), headers=headers))

    def log(self, endpoint: str, deployment: str, lines: int = 1_000) -> str:
        """The last lines that a deployment has printed."""
        asked = {"containerType": "InferenceServer", "tail": lines}
        found = self.manager.post(f"{deployment_path(endpoint, deployment)}/getLogs", asked) or {}
        return str(found.get("content") or "")

    @property
    def location(self) -> str:
        """The region of the workspace."""
        return str(self.manager.get("")["location"])

    @property
    def _storage(self) -> Storage:
        if self._opened is None:
            self._opened = Storage.open(self.manager, self._settings, self._sign_in)
        return self._opened

    def _deploy(self, plan: Plan) -> None:
        what = f"the deployment {plan.variant!r} of the endpoint {plan.name!r}"
        self._put(deployment_path(plan.name, plan.variant), self.body(plan), plan, what)

    def body(self, plan: Plan) -> dict[str, Any]:
        """What Azure is asked for a deployment."""
        owned = self._settings.allow_pickle == "owned" and is_model_uri(plan.record.resolved_uri)
        return body_of_deployment(
            plan,
            location=self.location,
            model=self._top + _model(plan.name, plan.variant),
            environment=self._top + _environment(plan.name, plan.variant),
            allow_pickle="true" if owned else self._settings.allow_pickle,
        )

    def _put(self, path: str, body: Mapping[str, Any], plan: Plan, what: str) -> None:
        self.manager.put(path, body, what=what, timeout=plan.timeout, same=lambda _: False)

    def _key(self, name: str) -> str:
        if name not in self._keys:
            self._keys[name] = self._new_key(name)
        return self._keys[name]

    def _new_key(self, name: str) -> str:
        mode = self.manager.get(path_of(name))["properties"].get("authMode")
        if mode == "AADToken":
            header = self._sign_in.headers(ENDPOINTS)()["authorization"]
            return header.removeprefix("Bearer ")
        if mode == "AMLToken":
            return str(self.manager.post(f"{path_of(name)}/token")["accessToken"])
        return str(self.manager.post(f"{path_of(name)}/listKeys")["primaryKey"])

    def _forget(self, name: str) -> None:
        self._keys.pop(name, None)
        self._sign_in.forget(ENDPOINTS)

    def _state(self, found: Mapping[str, Any]) -> EndpointState:
        about, tags, name = found["properties"], found.get("tags") or {}, found["name"]
        traffic = traffic_of(found)
        deployments = [] if OWNER not in tags else list(self.manager.each(f"{path_of(name)}/deployments"))
        status = _STATUS.get(about.get("provisioningState", ""), DeploymentStatus.READY)
        # An endpoint is there long before a model answers behind it.
        waits = status == DeploymentStatus.READY and not any(traffic.values())
        busy = any(one["properties"].get("provisioningState") in RUNNING for one in deployments)
        return EndpointState(
            name=name,
            status=(DeploymentStatus.CREATING if busy else DeploymentStatus.FAILED) if waits else status,
            url=str(about.get("scoringUri") or ""),
            owner=tags.get(OWNER, ""),
            born=tags.get(BORN, ""),
            reason="no deployment of it gets requests" if waits else f"it is {about.get('provisioningState')}",
            variants=tuple(_variants(deployments, traffic)),
            details={"id": str(found.get("id", ""))},
        )


def path_of(name: str) -> str:
    """Where an endpoint is, below the workspace."""
    return f"/onlineEndpoints/{quote(name, safe='')}"


def deployment_path(endpoint: str, name: str) -> str:
    """Where a deployment is."""
    return f"{path_of(endpoint)}/deployments/{quote(name, safe='')}"


def options_of(state: EndpointState) -> Mapping[str, Any]:
    """The options of the deployment's model."""
    return parse_options(OPTIONS, state.main.record.config if state.main is not None else {})


def _variants(deployments: list[dict[str, Any]], traffic: Mapping[str, int]) -> list[Variant]:
    found = []
    for one in deployments:
        record = ModelRecord.of_content(of_tags(one.get("tags") or {}, RECORD))
        if record is not None:
            found.append(Variant(name=one["name"], record=record, percent=int(traffic.get(one["name"], 0))))
    return found


def traffic_of(found: Mapping[str, Any]) -> dict[str, int]:
    """The deployments of an endpoint that get requests, with their percentages."""
    return {name: part for name, part in (found["properties"].get("traffic") or {}).items() if part}


def _given_identity(found: Mapping[str, Any] | None) -> dict[str, Any]:
    """What was asked for, of an identity as it is described."""
    if not found:
        return {"type": "SystemAssigned"}
    users: dict[str, Any] = {name: {} for name in found.get("userAssignedIdentities") or {}}
    return {"type": found["type"], **({"userAssignedIdentities": users} if users else {})}


def _container(name: str) -> str:
    return f"windlass-{name}"


def _model(name: str, variant: str) -> str:
    return f"/models/{_container(name)}/versions/{variant}"


def _environment(name: str, variant: str) -> str:
    return f"/environments/{_container(name)}/versions/{variant}"


def _place(name: str, variant: str) -> str:
    return f"windlass/{name}/{variant}"
