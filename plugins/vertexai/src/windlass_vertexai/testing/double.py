"""VertexDouble: Vertex AI in one region of a project."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from windlass_rest.testing.container import Container, pick
from windlass_rest.testing.double import Answer, Asked, Double, Refusal
from windlass_vertexai.testing.shapes import ROUTES, TOP

TOKEN = "ya29.0123"  # noqa: S105  the double's own
_NAME = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
_LABEL = re.compile(r"[a-z0-9_-]{0,63}")
_TYPES = "type.googleapis.com/google.cloud.aiplatform.v1."


@dataclass(slots=True)
class _Operation:
    """`steps` is how often it must be asked after; `finish` gives the response, or refuses."""

    kind: str
    resource: str
    steps: int
    finish: Callable[[], dict[str, Any]]
    name: str = field(default_factory=lambda: f"{TOP}/operations/{secrets.randbelow(10**18)}")
    result: dict[str, Any] | None = None

    def shown(self) -> dict[str, Any]:
        shown = {"name": self.name, "metadata": {"@type": f"{_TYPES}{self.kind}OperationMetadata"}}
        return shown if self.result is None else {**shown, "done": True, **self.result}


class VertexDouble(Double):
    """Files on `gs://` are below `directory`. `slow` is how often a change must be asked after; `quota` is machines."""

    routes = ROUTES

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self.directory = directory
        self.tokens = {TOKEN}
        self.models: dict[str, dict[str, Any]] = {}
        self.endpoints: dict[str, dict[str, Any]] = {}
        self.containers: dict[str, Container] = {}
        self.operations: list[_Operation] = []
        self.slow, self.quota = 1, 20

    def left(self) -> list[str]:
        """Whatever is there."""
        files = [str(one) for one in self.directory.rglob("*") if one.is_file()]
        return [*self.endpoints, *self.models, *files]

    def allow(self, asked: Asked) -> None:
        if asked.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            raise Refusal(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")

    def refused(self, error: Refusal) -> Answer:
        content = {"error": {"code": error.status, "status": error.code, "message": error.message}}
        return Answer(content, error.status)

    def token(self, asked: Asked) -> Answer:
        if b"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&" not in asked.body + b"&":
            return Answer({"error": "unsupported_grant_type"}, 400)
        made = secrets.token_hex(8)
        self.tokens.add(made)
        return Answer({"access_token": made, "token_type": "Bearer", "expires_in": 3600})

    def upload_model(self, asked: Asked) -> Answer:
        wanted, name = asked.content["model"], asked.content["modelId"]
        _check(wanted, name)
        if name in self.models:
            raise Refusal(409, "ALREADY_EXISTS", f"the model {name} exists")
        if not wanted["artifactUri"].startswith("gs://") or not (self._files(wanted) / "MLmodel").is_file():
            raise Refusal(400, "INVALID_ARGUMENT", "there is no model at the artifactUri")

        def finish() -> dict[str, Any]:
            self.models[name] = {**wanted, "name": f"{TOP}/models/{name}"}
            return {"model": f"{TOP}/models/{name}", "modelVersionId": "1"}

        return self._begin("UploadModel", f"models/{name}", finish)

    def list_models(self, asked: Asked) -> Answer:
        return self._page(asked, "models", list(self.models.values()))

    def get_model(self, asked: Asked) -> Answer:
        return Answer(self._model(asked.parts["id"]))

    def delete_model(self, asked: Asked) -> Answer:
        name = asked.parts["id"]
        full = self._model(name)["name"]
        if any(one["model"] == full for endpoint in self.endpoints.values() for one in endpoint["deployedModels"]):
            raise Refusal(400, "FAILED_PRECONDITION", "the model is deployed")

        def finish() -> dict[str, Any]:
            self.models.pop(name, None)
            return {}

        return self._begin("Delete", f"models/{name}", finish)

    def create_endpoint(self, asked: Asked) -> Answer:
        name = asked.query.get("endpointId", "")
        _check(asked.content, name)
        if name in self.endpoints:
            raise Refusal(409, "ALREADY_EXISTS", f"the endpoint {name} exists")
        content = {**asked.content, "name": f"{TOP}/endpoints/{name}", "deployedModels": [], "trafficSplit": {}}
        self.endpoints[name] = content
        return self._begin("CreateEndpoint", f"endpoints/{name}", lambda: content)

    def list_endpoints(self, asked: Asked) -> Answer:
        return self._page(asked, "endpoints", list(self.endpoints.values()))

    def get_endpoint(self, asked: Asked) -> Answer:
        return Answer(self._endpoint(asked))

    def patch_endpoint(self, asked: Asked) -> Answer:
        endpoint = self._endpoint(asked)
        if asked.query["updateMask"].split(",") != list(asked.content):
            raise Refusal(400, "INVALID_ARGUMENT", "the mask must name what is sent")
        _check_split(asked.content.get("trafficSplit", {}), {one["id"] for one in endpoint["deployedModels"]})
        endpoint |= asked.content
        return Answer(endpoint)

    def delete_endpoint(self, asked: Asked) -> Answer:
        if self._endpoint(asked)["deployedModels"]:
            raise Refusal(400, "FAILED_PRECONDITION", "the endpoint has deployed models")
        name = asked.parts["id"]

        def finish() -> dict[str, Any]:
            self.endpoints.pop(name, None)
            return {}

        return self._begin("Delete", f"endpoints/{name}", finish)

    def deploy(self, asked: Asked) -> Answer:
        endpoint, wanted, split = (
            self._endpoint(asked),
            asked.content["deployedModel"],
            asked.content.get("trafficSplit"),
        )
        model = self._model(wanted["model"].rpartition("/")[2])
        if wanted["dedicatedResources"].get("maxReplicaCount", 1) > self.quota:
            raise Refusal(429, "RESOURCE_EXHAUSTED", "Quota exceeded for custom_model_serving_cpus")
        if split is not None:
            _check_split(split, {"0", *(one["id"] for one in endpoint["deployedModels"])})

        def finish() -> dict[str, Any]:
            container = Container(self._files(model), may_execute=_variables(model)["WINDLASS_ALLOW_PICKLE"] == "true")
            if container.failure:
                raise Refusal(9, "", f"Model server exited unexpectedly: {container.failure}")
            made = {**wanted, "id": str(secrets.randbelow(10**10))}
            self.containers[made["id"]] = container
            endpoint["deployedModels"].append(made)
            if split is not None:
                endpoint["trafficSplit"] = {made["id"] if one == "0" else one: part for one, part in split.items()}
            return {"deployedModel": made}

        return self._begin("DeployModel", f"endpoints/{asked.parts['id']}", finish)

    def undeploy(self, asked: Asked) -> Answer:
        endpoint, gone = self._endpoint(asked), asked.content["deployedModelId"]
        rest = [one for one in endpoint["deployedModels"] if one["id"] != gone]
        split = asked.content.get("trafficSplit") or endpoint["trafficSplit"]
        if len(rest) == len(endpoint["deployedModels"]):
            raise Refusal(404, "NOT_FOUND", "no such deployed model")
        if rest and split.get(gone):
            raise Refusal(400, "FAILED_PRECONDITION", "the deployed model gets traffic")

        def finish() -> dict[str, Any]:
            endpoint["deployedModels"] = rest
            endpoint["trafficSplit"] = split if rest else {}
            self.containers.pop(gone, None)
            return {}

        return self._begin("UndeployModel", f"endpoints/{asked.parts['id']}", finish)

    def predict(self, asked: Asked) -> Answer:
        split = self._endpoint(asked)["trafficSplit"]
        if not split:
            raise Refusal(400, "FAILED_PRECONDITION", "the endpoint has no traffic split")
        return self.containers[pick(split)].answer(asked.body, asked.headers.get("content-type", ""))

    def list_operations(self, asked: Asked) -> Answer:
        wanted = asked.path.removeprefix(f"/v1/{TOP}/").removesuffix("/operations")
        return Answer({"operations": [one.shown() for one in self.operations if one.resource == wanted]})

    def get_operation(self, asked: Asked) -> Answer:
        for one in self.operations:
            if one.name.endswith(f"/{asked.parts['id']}"):
                with self.lock:
                    self._step(one)
                return Answer(one.shown())
        raise Refusal(404, "NOT_FOUND", "no such operation")

    def _begin(self, kind: str, resource: str, finish: Callable[[], dict[str, Any]]) -> Answer:
        if any(one.resource == resource and one.result is None for one in self.operations):
            raise Refusal(409, "ABORTED", "another operation on it is going on")
        made = _Operation(kind, resource, self.slow, finish)
        self.operations.append(made)
        return Answer(made.shown())

    def _step(self, one: _Operation) -> None:
        one.steps -= 1
        if one.result is None and one.steps < 0:
            try:
                one.result = {"response": one.finish()}
            except Refusal as error:
                one.result = {"error": {"code": error.status, "message": error.message}}

    def _page(self, asked: Asked, part: str, found: list[dict[str, Any]]) -> Answer:
        """One a page, so that pages are read."""
        wanted = re.fullmatch(r'labels\.([a-z-]+)(?:="([^"]*)"|:\*)', asked.query.get("filter", ""))
        if wanted is None:
            raise Refusal(400, "INVALID_ARGUMENT", "the filter cannot be read")
        key, value = wanted.groups()
        kept = [one for one in found if key in one["labels"] and value in (None, one["labels"][key])]
        at = int(asked.query.get("pageToken") or 0)
        page: dict[str, Any] = {part: kept[at : at + 1]}
        return Answer(page | ({"nextPageToken": str(at + 1)} if at + 1 < len(kept) else {}))

    def _files(self, model: dict[str, Any]) -> Path:
        return self.directory / str(model["artifactUri"]).removeprefix("gs://")

    def _model(self, name: str) -> dict[str, Any]:
        if name not in self.models:
            raise Refusal(404, "NOT_FOUND", f"the model {name} does not exist")
        return self.models[name]

    def _endpoint(self, asked: Asked) -> dict[str, Any]:
        if asked.parts["id"] not in self.endpoints:
            raise Refusal(404, "NOT_FOUND", f"the endpoint {asked.parts['id']} does not exist")
        return self.endpoints[asked.parts["id"]]


def _variables(model: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["value"] for one in model["containerSpec"]["env"]}


def _check(wanted: dict[str, Any], name: str) -> None:
    if not _NAME.fullmatch(name):
        raise Refusal(400, "INVALID_ARGUMENT", f"{name} is no id")
    for key, value in wanted.get("labels", {}).items():
        if not _LABEL.fullmatch(key) or not _LABEL.fullmatch(value):
            raise Refusal(400, "INVALID_ARGUMENT", f"the label {key} is not allowed")


def _check_split(split: dict[str, int], known: set[str]) -> None:
    if not set(split) <= known or sum(split.values()) != 100:
        raise Refusal(400, "INVALID_ARGUMENT", "the traffic split must name deployed models and add up to 100")
