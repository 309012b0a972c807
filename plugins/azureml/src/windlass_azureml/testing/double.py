"""AzureDouble: one workspace in Azure Resource Manager, with sign-in, scoring and its storage account."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs

from windlass_azureml.testing.shapes import ROUTES, TOP
from windlass_azureml.testing.storage_double import ACCOUNT, CONTAINER, KEY, StorageDouble
from windlass_rest.testing.container import Container, pick, predictions
from windlass_rest.testing.double import Answer, Asked, Double, Refusal

PRINCIPAL = {"tenant": "a-tenant", "client_id": "a-client", "client_secret": "a-secret"}
VERSION = "2025-12-01"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,30}[A-Za-z0-9]")
_RUNNING = {"Creating", "Updating", "Deleting"}


@dataclass(slots=True)
class _Resource:
    """`steps` is how often it must be looked at until what happens to it is done; `then` is its state afterwards."""

    content: dict[str, Any]
    state: str = "Succeeded"
    steps: int = 0
    then: str = "Succeeded"
    reason: str = ""
    operation: str = field(default_factory=lambda: secrets.token_hex(8))


class AzureDouble(Double):
    """`slow` is how often a change must be asked after; `secrets_of_store` is what the datastore gives away."""

    routes = ROUTES

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self.storage = StorageDouble(directory)
        self.endpoints: dict[str, _Resource] = {}
        self.deployments: dict[tuple[str, str], _Resource] = {}
        self.containers: dict[tuple[str, str], Container] = {}
        self.versions: dict[tuple[str, str, str], dict[str, Any]] = {}
        self.tokens: dict[str, str] = {}
        self.keys: dict[str, str] = {}
        self.slow = 1
        self.quota = 100
        self.secrets_of_store: dict[str, str] = {"secretsType": "AccountKey", "key": KEY}

    def __enter__(self) -> Self:
        self.storage.__enter__()
        self.storage.faults = self.faults
        self.storage.asked = self.asked
        return super().__enter__()

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        self.storage.__exit__()

    def changes(self) -> list[Asked]:
        return [one for one in self.asked if one.method != "GET" and not one.path.endswith(("/token", "/listSecrets"))]

    def left(self) -> list[str]:
        """Whatever is there."""
        made = [*self.deployments, *self.versions]
        return [*self.endpoints, *("/".join(one) for one in made), *self.storage.blobs()]

    def allow(self, asked: Asked) -> None:
        if asked.query.get("api-version") != VERSION:
            raise Refusal(400, "InvalidApiVersionParameter", "The api-version is invalid")
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if self.tokens.get(token) != f"{self.url}/.default":
            raise Refusal(401, "AuthenticationFailed", "Authentication failed. The access token is invalid.")

    def refused(self, error: Refusal) -> Answer:
        return Answer({"error": {"code": error.code, "message": error.message}}, error.status)

    def token(self, asked: Asked) -> Answer:
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        scope = form.pop("scope", "")
        wanted = {"grant_type": "client_credentials"} | {key: PRINCIPAL[key] for key in ("client_id", "client_secret")}
        if form != wanted or asked.parts["tenant"] != PRINCIPAL["tenant"]:
            return Answer(
                {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret."}, 401
            )
        made = secrets.token_hex(8)
        self.tokens[made] = scope
        if scope == "https://storage.azure.com/.default":
            self.storage.tokens.add(made)
        return Answer({"access_token": made, "token_type": "Bearer", "expires_in": 3599})

    def get_workspace(self, asked: Asked) -> Answer:
        del asked
        return Answer({"id": TOP, "name": "a-workspace", "location": "westeurope", "properties": {}})

    def get_operation(self, asked: Asked) -> Answer:
        for one in [*self.endpoints.values(), *self.deployments.values()]:
            if one.operation == asked.parts["id"]:
                self._step(one)
                if one.state in _RUNNING:
                    return Answer({"status": "InProgress"})
                if one.state == "Failed":
                    return Answer({"status": "Failed", "error": {"code": "BadArgument", "message": one.reason}})
                return Answer({"status": "Succeeded"})
        raise Refusal(404, "NotFound", "no such operation")

    def list_datastores(self, asked: Asked) -> Answer:
        del asked
        kind = self.secrets_of_store.get("secretsType", "None")
        host, port = "double.test", self.storage.url.rpartition(":")[2]
        properties = {
            "datastoreType": "AzureBlob",
            "isDefault": True,
            "accountName": ACCOUNT,
            "containerName": CONTAINER,
            "endpoint": f"{host}:{port}",
            "protocol": "http",
            "credentials": {"credentialsType": kind},
        }
        other = {"name": "other", "properties": {**properties, "isDefault": False}}
        return Answer({"value": [other, {"name": "workspaceblobstore", "properties": properties}]})

    def list_secrets(self, asked: Asked) -> Answer:
        del asked
        return Answer(self.secrets_of_store)

    def list_endpoints(self, asked: Asked) -> Answer:
        del asked
        return Answer({"value": [self._shown(one) for one in self.endpoints.values()]})

    def get_endpoint(self, asked: Asked) -> Answer:
        return Answer(self._shown(self._endpoint(asked), step=True))

    def put_endpoint(self, asked: Asked) -> Answer:
        name, wanted = asked.parts["name"], asked.content
        if not _NAME.fullmatch(name):
            raise Refusal(400, "BadArgument", "The endpoint's name is invalid")
        _check_tags(wanted)
        known, traffic = self.endpoints.get(name), wanted["properties"].get("traffic", {})
        if known is not None and known.state in _RUNNING:
            raise Refusal(409, "Conflict", "The endpoint is being changed")
        for one in traffic:
            if (name, one) not in self.deployments or self.deployments[name, one].state != "Succeeded":
                raise Refusal(400, "BadArgument", f"The deployment {one} cannot get traffic")
        if sum(traffic.values()) not in {0, 100}:
            raise Refusal(400, "BadArgument", "The traffic must add up to 0 or 100")
        content = {"id": f"{TOP}/onlineEndpoints/{name}", "name": name, **wanted}
        made = _Resource(content, "Creating" if known is None else "Updating", self.slow)
        self.endpoints[name] = made
        self.keys.setdefault(name, secrets.token_hex(8))
        return self._begun(made, 201 if known is None else 200)

    def delete_endpoint(self, asked: Asked) -> Answer:
        found = self._endpoint(asked)
        if found.state in _RUNNING:
            raise Refusal(409, "Conflict", "The endpoint is being changed")
        found.state, found.steps, found.then = "Deleting", self.slow, ""
        return Answer(None, 202, {"location": f"{self.url}{TOP}/operations/{found.operation}"})

    def list_keys(self, asked: Asked) -> Answer:
        self._endpoint(asked)
        return Answer({"primaryKey": self.keys[asked.parts["name"]], "secondaryKey": "another"})

    def endpoint_token(self, asked: Asked) -> Answer:
        if self._endpoint(asked).content["properties"]["authMode"] != "AMLToken":
            raise Refusal(400, "BadArgument", "The endpoint has no tokens")
        return Answer({"accessToken": self.keys[asked.parts["name"]], "tokenType": "Bearer", "expiryTimeUtc": 2**31})

    def list_deployments(self, asked: Asked) -> Answer:
        self._endpoint(asked)
        name = asked.parts["name"]
        return Answer({"value": [self._shown(one) for (owner, _), one in self.deployments.items() if owner == name]})

    def get_deployment(self, asked: Asked) -> Answer:
        return Answer(self._shown(self._deployment(asked), step=True))

    def put_deployment(self, asked: Asked) -> Answer:
        endpoint, name, wanted = self._endpoint(asked), asked.parts["variant"], asked.content
        if endpoint.state != "Succeeded" or not _NAME.fullmatch(name):
            raise Refusal(409, "Conflict", "The endpoint is not ready, or the name is invalid")
        _check_tags(wanted)
        if wanted.get("sku", {}).get("capacity", 1) > self.quota:
            raise Refusal(400, "OutOfQuota", "Not enough quota available in the subscription")
        key = (asked.parts["name"], name)
        container = self._container(wanted["properties"])
        then = "Failed" if container.failure else "Succeeded"
        made = _Resource({"name": name, **wanted}, "Creating", self.slow, then, container.failure)
        self.deployments[key], self.containers[key] = made, container
        return self._begun(made, 201)

    def delete_deployment(self, asked: Asked) -> Answer:
        found, traffic = self._deployment(asked), self._endpoint(asked).content["properties"].get("traffic", {})
        if found.state in _RUNNING:
            raise Refusal(409, "Conflict", "The deployment is being changed")
        if traffic.get(asked.parts["variant"]):
            raise Refusal(400, "BadArgument", "The deployment gets traffic")
        found.state, found.steps, found.then = "Deleting", self.slow, ""
        return Answer(None, 202)

    def get_logs(self, asked: Asked) -> Answer:
        self._deployment(asked)
        return Answer({"content": "\n".join(self.containers[asked.parts["name"], asked.parts["variant"]].log)})

    def put_model(self, asked: Asked) -> Answer:
        uri = asked.content["properties"].get("modelUri", "")
        place = uri.partition("/paths/")[2]
        if not uri.startswith(f"azureml:/{TOP}/datastores/workspaceblobstore/paths/"):
            raise Refusal(400, "UserError", "The model's URI is none of the workspace")
        if not any(one.startswith(f"{place}/") for one in self.storage.blobs()):
            raise Refusal(400, "UserError", "There are no files at the model's URI")
        return self._put_version("models", asked)

    def put_environment(self, asked: Asked) -> Answer:
        return self._put_version("environments", asked)

    def list_versions(self, asked: Asked) -> Answer:
        wanted = (asked.parts["kind"], asked.parts["container"])
        found = [one for key, one in self.versions.items() if key[:2] == wanted]
        if not found:
            raise Refusal(404, "UserError", "There is no such asset")
        return Answer({"value": found})

    def get_version(self, asked: Asked) -> Answer:
        return Answer(self._version(asked))

    def delete_version(self, asked: Asked) -> Answer:
        self._version(asked)
        del self.versions[asked.parts["kind"], asked.parts["container"], asked.parts["version"]]
        return Answer(None, 200)

    def score(self, asked: Asked) -> Answer:
        name = asked.parts["name"]
        endpoint = self.endpoints.get(name)
        if endpoint is None or asked.headers.get("authorization") != f"Bearer {self.keys[name]}":
            raise Refusal(401, "key_auth_access_denied", "Access denied due to invalid subscription key")
        traffic = endpoint.content["properties"].get("traffic", {})
        chosen = asked.headers.get("azureml-model-deployment") or (pick(traffic) if traffic else "")
        if (name, chosen) not in self.containers:
            raise Refusal(404, "NotFound", "Specified deployment could not be found")
        container = self.containers[name, chosen]
        if "environmentId" in self.deployments[name, chosen].content["properties"]:
            return container.answer(asked.body)
        return _with_mlflow(container, asked.body)

    def _container(self, properties: dict[str, Any]) -> Container:
        model = self.versions.get(_asset(properties["model"]))
        if model is None:
            raise Refusal(400, "BadArgument", "The model does not exist")
        kind, environment = model["properties"]["modelType"], properties.get("environmentId")
        if environment is None and kind != "mlflow_model":
            raise Refusal(400, "BadArgument", "Without an environment the model must be one of MLflow")
        if environment is not None and _asset(environment) not in self.versions:
            raise Refusal(400, "BadArgument", "The environment does not exist")
        place = model["properties"]["modelUri"].partition("/paths/")[2]
        allowed = properties["environmentVariables"].get("WINDLASS_ALLOW_PICKLE") == "true"
        return Container(self.storage.directory / place, may_execute=allowed or environment is None)

    def _begun(self, made: _Resource, status: int) -> Answer:
        link = f"{self.url}{TOP}/operations/{made.operation}?api-version={VERSION}"
        return Answer(self._shown(made), status, {"azure-asyncoperation": link})

    def _put_version(self, kind: str, asked: Asked) -> Answer:
        key = (kind, asked.parts["container"], asked.parts["version"])
        self.versions[key] = {"name": key[2], **asked.content}
        return Answer(self.versions[key], 201)

    def _shown(self, found: _Resource, *, step: bool = False) -> dict[str, Any]:
        if step:
            self._step(found)
            if not found.state:
                raise Refusal(404, "NotFound", "It is gone")
        properties = {**found.content["properties"], "provisioningState": found.state}
        if found in self.endpoints.values():
            properties["scoringUri"] = f"{self.url}/score/{found.content['name']}"
        return {**found.content, "properties": properties}

    def _step(self, found: _Resource) -> None:
        with self.lock:
            found.steps -= 1
            if found.state not in _RUNNING or found.steps >= 0:
                return
            found.state = found.then
            if not found.state:
                self._drop(found)

    def _drop(self, found: _Resource) -> None:
        name = found.content["name"]
        if self.endpoints.get(name) is found:
            del self.endpoints[name]
            gone = [key for key in self.deployments if key[0] == name]
        else:
            gone = [key for key, one in self.deployments.items() if one is found]
        for key in gone:
            del self.deployments[key], self.containers[key]

    def _endpoint(self, asked: Asked) -> _Resource:
        if asked.parts["name"] not in self.endpoints:
            raise Refusal(404, "NotFound", "The endpoint was not found")
        return self.endpoints[asked.parts["name"]]

    def _deployment(self, asked: Asked) -> _Resource:
        self._endpoint(asked)
        key = (asked.parts["name"], asked.parts["variant"])
        if key not in self.deployments:
            raise Refusal(404, "NotFound", "The deployment was not found")
        return self.deployments[key]

    def _version(self, asked: Asked) -> dict[str, Any]:
        key = (asked.parts["kind"], asked.parts["container"], asked.parts["version"])
        if key not in self.versions:
            raise Refusal(404, "UserError", "There is no such version")
        return self.versions[key]


def _asset(uri: str) -> tuple[str, str, str]:
    kind, container, _, version = uri.removeprefix(f"{TOP}/").split("/")
    return kind, container, version


def _with_mlflow(container: Container, body: bytes) -> Answer:
    """What Azure's own server for models of MLflow takes and answers."""
    asked = json.loads(body)
    if set(asked) - {"input_data", "params"} or "input_data" not in asked:
        return Answer({"message": "Request must contain a top level key named 'input_data'"}, 400)
    data = asked["input_data"]
    table = isinstance(data, dict) and set(data) == {"columns", "index", "data"}
    answer = container.answer(json.dumps({"dataframe_split" if table else "inputs": data}).encode())
    return answer if answer.status != 200 else Answer(predictions(answer))


def _check_tags(wanted: dict[str, Any]) -> None:
    tags = wanted.get("tags", {})
    if len(tags) > 50 or any(len(key) > 512 or len(value) > 256 for key, value in tags.items()):
        raise Refusal(400, "InvalidTags", "Too many tags, or too long ones")
