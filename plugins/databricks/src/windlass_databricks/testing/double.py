"""DatabricksDouble: a workspace with Unity Catalog and Model Serving."""

from __future__ import annotations

import base64
import re
import secrets
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from windlass_databricks.testing.shapes import ROUTES
from windlass_rest.testing.container import Container, pick
from windlass_rest.testing.double import Answer, Asked, Double, Refusal

TOKEN = "dapi-0123"  # noqa: S105  the double's own
CLIENT = ("a-client", "a-secret")
_MOST_TAGS, _KEY_LENGTH, _VALUE_LENGTH = 20, 127, 255


@dataclass(slots=True)
class _Endpoint:
    """`steps` is how often the endpoint must be looked at until a change is done."""

    content: dict[str, Any]
    config: dict[str, Any] = field(default_factory=dict)
    pending: dict[str, Any] = field(default_factory=dict)
    update: str = "NOT_UPDATING"
    steps: int = 0
    containers: dict[str, Container] = field(default_factory=dict)


class DatabricksDouble(Double):
    """It keeps files below `directory`. `slow` is how often a change must be asked after until it is done."""

    routes = ROUTES

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._directory = directory
        self.tokens = {TOKEN}
        self.models: dict[str, dict[str, Any]] = {}
        self.versions: dict[tuple[str, str], dict[str, Any]] = {}
        self.endpoints: dict[str, _Endpoint] = {}
        self.schemas = {"main.ml"}
        self.slow = 1
        self.state: str | None = None

    def left(self) -> list[str]:
        """Whatever is there."""
        return [*self.endpoints, *self.models, *("/".join(one) for one in self.versions)]

    def allow(self, asked: Asked) -> None:
        kind, _, token = asked.headers.get("authorization", "").partition(" ")
        if kind != "Bearer" or token not in self.tokens:
            raise Refusal(401, "UNAUTHENTICATED", "Credential was not sent or was of an unsupported type")

    def token(self, asked: Asked) -> Answer:
        given = asked.headers.get("authorization", "")
        wanted = "Basic " + base64.b64encode(":".join(CLIENT).encode()).decode()
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        if given != wanted or form != {"grant_type": "client_credentials", "scope": "all-apis"}:
            return Answer({"error": "invalid_client", "error_description": "Client authentication failed"}, 401)
        made = secrets.token_hex(8)
        self.tokens.add(made)
        return Answer({"access_token": made, "token_type": "Bearer", "expires_in": 3600})

    def get_model(self, asked: Asked) -> Answer:
        return Answer({"registered_model": self._model(asked.query["name"])})

    def create_model(self, asked: Asked) -> Answer:
        name = asked.content["name"]
        if name.rpartition(".")[0] not in self.schemas:
            raise Refusal(404, "SCHEMA_DOES_NOT_EXIST", f"Schema '{name.rpartition('.')[0]}' does not exist.")
        if name in self.models:
            raise Refusal(409, "RESOURCE_ALREADY_EXISTS", f"Function or model '{name}' already exists")
        self.models[name] = {"name": name, "description": asked.content.get("description", "")}
        return Answer({"registered_model": self.models[name]})

    def delete_model(self, asked: Asked) -> Answer:
        name = self._model(asked.content["name"])["name"]
        if any(model == name for model, _ in self.versions):
            raise Refusal(400, "INVALID_STATE", f"Model '{name}' is not empty")
        del self.models[name]
        return Answer({})

    def create_version(self, asked: Asked) -> Answer:
        name = self._model(asked.content["name"])["name"]
        model = self.models[name]
        model["_last"] = model.get("_last", 0) + 1
        number = str(model["_last"])
        self.versions[name, number] = {
            "name": name,
            "version": number,
            "description": asked.content.get("description", ""),
            "status": "PENDING_REGISTRATION",
            "storage_location": f"s3://uc/{name}/{number}",
        }
        return Answer({"model_version": self.versions[name, number]})

    def upload(self, asked: Asked) -> Answer:
        parts = asked.parts["place"].split("/")
        version = self._version(".".join(parts[:3]), parts[3])
        if version["status"] != "PENDING_REGISTRATION":
            raise Refusal(403, "PERMISSION_DENIED", "the version is finalized")
        if asked.headers.get("content-type") != "application/octet-stream" or ".." in parts:
            raise Refusal(400, "INVALID_PARAMETER_VALUE", "octets are wanted at a plain path")
        file = self._directory.joinpath(*parts)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(asked.body)
        return Answer(None, 204)

    def finalize_version(self, asked: Asked) -> Answer:
        version = self._version(asked.content["name"], asked.content["version"])
        if not (self._files(version) / "MLmodel").is_file():
            raise Refusal(400, "INVALID_PARAMETER_VALUE", "No MLmodel file in the version")
        version["status"] = "READY"
        return Answer({"model_version": version})

    def get_version(self, asked: Asked) -> Answer:
        return Answer({"model_version": self._version(asked.query["name"], asked.query["version"])})

    def search_versions(self, asked: Asked) -> Answer:
        found = re.fullmatch(r"name='([^']+)'", asked.query.get("filter", ""))
        if found is None:
            raise Refusal(400, "INVALID_PARAMETER_VALUE", "the filter must be name='…'")
        numbers = sorted(int(number) for name, number in self.versions if name == found[1])
        # One a page, so that pages are read.
        at = int(asked.query.get("page_token") or 0)
        page: dict[str, Any] = {
            "model_versions": [self.versions[found[1], str(number)] for number in numbers[at : at + 1]]
        }
        return Answer(page | ({"next_page_token": str(at + 1)} if at + 1 < len(numbers) else {}))

    def delete_version(self, asked: Asked) -> Answer:
        version = self._version(asked.content["name"], asked.content["version"])
        key = (version["name"], version["version"])
        if any(key == _named(one) for endpoint in self.endpoints.values() for one in _served(endpoint.config)):
            raise Refusal(400, "INVALID_STATE", f"Model version {key} is used by a serving endpoint")
        del self.versions[key]
        shutil.rmtree(self._files(version), ignore_errors=True)
        return Answer({})

    def list_endpoints(self, asked: Asked) -> Answer:
        del asked
        kept = ("name", "id", "tags")
        found = [{name: one.content[name] for name in kept} for one in self.endpoints.values()]
        return Answer({"endpoints": found} if found else {})

    def create_endpoint(self, asked: Asked) -> Answer:
        wanted = asked.content
        if wanted["name"] in self.endpoints:
            raise Refusal(400, "RESOURCE_ALREADY_EXISTS", f"Endpoint with name '{wanted['name']}' already exists.")
        if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?", wanted["name"]):
            raise Refusal(400, "INVALID_PARAMETER_VALUE", "bad name")
        _check_tags(wanted.get("tags", []))
        self._check_config(wanted["config"])
        endpoint = _Endpoint({"id": secrets.token_hex(8), "tags": [], **wanted, "config": None})
        self.endpoints[wanted["name"]] = endpoint
        self._begin(endpoint, wanted["config"])
        return Answer(self._shown(endpoint))

    def get_endpoint(self, asked: Asked) -> Answer:
        endpoint = self._endpoint(asked)
        with self.lock:
            endpoint.steps -= 1
            if endpoint.update == "IN_PROGRESS" and endpoint.steps < 0:
                self._finish(endpoint)
        return Answer(self._shown(endpoint))

    def delete_endpoint(self, asked: Asked) -> Answer:
        self._endpoint(asked)
        del self.endpoints[asked.parts["name"]]
        return Answer(None)

    def configure(self, asked: Asked) -> Answer:
        endpoint = self._endpoint(asked)
        if endpoint.update == "IN_PROGRESS":
            raise Refusal(409, "RESOURCE_CONFLICT", "Endpoint is currently being updated")
        self._check_config(asked.content)
        self._begin(endpoint, asked.content)
        return Answer(self._shown(endpoint))

    def tag(self, asked: Asked) -> Answer:
        endpoint, change = self._endpoint(asked), asked.content
        tags = {one["key"]: one.get("value", "") for one in endpoint.content["tags"]}
        tags |= {one["key"]: one.get("value", "") for one in change.get("add_tags", [])}
        for key in change.get("delete_tags", []):
            tags.pop(key, None)
        found = [{"key": key, "value": value} for key, value in tags.items()]
        _check_tags(found)
        endpoint.content["tags"] = found
        return Answer({"tags": found})

    def limit(self, asked: Asked) -> Answer:
        self._endpoint(asked).content["rate_limits"] = asked.content["rate_limits"]
        return Answer(asked.content)

    def govern(self, asked: Asked) -> Answer:
        self._endpoint(asked).content["ai_gateway"] = asked.content
        return Answer(asked.content)

    def logs(self, asked: Asked) -> Answer:
        found = self._endpoint(asked).containers.get(asked.parts["variant"])
        if found is None:
            raise Refusal(404, "RESOURCE_DOES_NOT_EXIST", "no such served entity")
        return Answer({"logs": "\n".join(found.log)})

    def build_logs(self, asked: Asked) -> Answer:
        self.logs(asked)
        return Answer({"logs": "the environment is built\n"})

    def invoke(self, asked: Asked) -> Answer:
        endpoint = self._endpoint(asked)
        if not endpoint.config:
            raise Refusal(404, "RESOURCE_DOES_NOT_EXIST", "The endpoint is not ready")
        routes = endpoint.config["traffic_config"]["routes"]
        chosen = pick({one["served_model_name"]: one["traffic_percentage"] for one in routes})
        return endpoint.containers[chosen].answer(asked.body, asked.headers.get("content-type", ""))

    def _check_config(self, config: dict[str, Any]) -> None:
        for one in _served(config):
            if self._version(*_named(one))["status"] != "READY":
                raise Refusal(400, "INVALID_PARAMETER_VALUE", f"{_named(one)} is not ready")
        routes = config["traffic_config"]["routes"]
        names = {one["name"] for one in _served(config)}
        if {one["served_model_name"] for one in routes} != names:
            raise Refusal(400, "INVALID_PARAMETER_VALUE", "routes must name the served entities")
        if sum(one["traffic_percentage"] for one in routes) != 100:
            raise Refusal(400, "INVALID_PARAMETER_VALUE", "traffic must add up to 100")

    def _begin(self, endpoint: _Endpoint, config: dict[str, Any]) -> None:
        endpoint.pending, endpoint.update, endpoint.steps = config, "IN_PROGRESS", self.slow

    def _finish(self, endpoint: _Endpoint) -> None:
        made = {
            one["name"]: endpoint.containers.get(one["name"])
            or Container(self._files(self._version(*_named(one))), may_execute=True)
            for one in _served(endpoint.pending)
        }
        failed = {name: one.failure for name, one in made.items() if one.failure}
        for one in _served(endpoint.pending):
            why = failed.get(one["name"])
            one["state"] = {
                "deployment": "DEPLOYMENT_FAILED" if why else "DEPLOYMENT_READY",
                "deployment_state_message": why or "",
            }
        if failed or self.state is not None:
            endpoint.update = self.state or "UPDATE_FAILED"
            return
        endpoint.config, endpoint.pending, endpoint.containers = endpoint.pending, {}, made
        endpoint.update = "NOT_UPDATING"

    def _shown(self, endpoint: _Endpoint) -> dict[str, Any]:
        ready = "READY" if endpoint.config else "NOT_READY"
        shown = {**endpoint.content, "state": {"ready": ready, "config_update": endpoint.update}}
        del shown["config"]
        shown |= {"config": endpoint.config} if endpoint.config else {}
        return shown | ({"pending_config": endpoint.pending} if endpoint.pending else {})

    def _files(self, version: dict[str, Any]) -> Path:
        return self._directory.joinpath(*version["name"].split("."), version["version"])

    def _model(self, name: str) -> dict[str, Any]:
        if name not in self.models:
            raise Refusal(404, "RESOURCE_DOES_NOT_EXIST", f"Registered model '{name}' does not exist.")
        return self.models[name]

    def _version(self, name: str, number: str) -> dict[str, Any]:
        if (name, number) not in self.versions:
            raise Refusal(404, "RESOURCE_DOES_NOT_EXIST", f"Model version '{number}' of '{name}' does not exist.")
        return self.versions[name, number]

    def _endpoint(self, asked: Asked) -> _Endpoint:
        name = asked.parts["name"]
        if name not in self.endpoints:
            raise Refusal(404, "RESOURCE_DOES_NOT_EXIST", f"Endpoint with name '{name}' does not exist.")
        return self.endpoints[name]


def _served(config: dict[str, Any]) -> list[dict[str, Any]]:
    return list(config.get("served_entities", []))


def _named(entity: dict[str, Any]) -> tuple[str, str]:
    return entity["entity_name"], entity["entity_version"]


def _check_tags(tags: list[dict[str, str]]) -> None:
    if len(tags) > _MOST_TAGS:
        raise Refusal(400, "INVALID_PARAMETER_VALUE", f"more than {_MOST_TAGS} tags")
    for one in tags:
        if len(one["key"]) > _KEY_LENGTH or len(one.get("value", "")) > _VALUE_LENGTH:
            raise Refusal(400, "INVALID_PARAMETER_VALUE", f"the tag {one['key']} is too long")
