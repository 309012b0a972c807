"""The log of deployments on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, cast

from windlass.entities import DeploymentChange, DeploymentKey, Tag
from windlass.wire.message import WINDLASS, Message, message
from windlass.wire.scalars import KeyValueJson, decode_pairs, encode_pairs, present, text_or_none


class DeploymentChangeJson(TypedDict, total=False):
    """A change of a deployment."""

    target: str
    name: str
    endpoint_name: str
    number: int
    action: str
    state: str
    model_uri: str
    resolved_uri: str
    flavor: str
    config: list[KeyValueJson]
    percent: int
    user: str
    url: str
    message: str
    start_time: int
    end_time: int


class DeploymentChangeAnswer(TypedDict):
    """One change."""

    change: DeploymentChangeJson


class DeploymentChangesAnswer(TypedDict):
    """Several changes."""

    changes: list[DeploymentChangeJson]


def encode_deployment_change(change: DeploymentChange) -> DeploymentChangeJson:
    """The JSON of a change."""
    return cast(
        DeploymentChangeJson,
        present(
            {
                "target": change.key.target,
                "name": change.key.name,
                "endpoint_name": change.key.endpoint,
                "number": change.number,
                "action": str(change.action),
                "state": str(change.state),
                "model_uri": change.model_uri,
                "resolved_uri": change.resolved_uri,
                "flavor": change.flavor,
                "config": encode_pairs(change.config),
                "percent": change.percent,
                "user": change.user,
                "url": change.url,
                "message": change.message,
                "start_time": change.start_time,
                "end_time": change.end_time,
            }
        ),
    )


def decode_deployment_change(json: Mapping[str, Any]) -> DeploymentChange:
    """The change behind its JSON."""
    return DeploymentChange(
        key=DeploymentKey(target=json["target"], name=json["name"], endpoint=text_or_none(json.get("endpoint_name"))),
        number=int(json.get("number", 0)),
        action=json["action"],
        state=json["state"],
        model_uri=json.get("model_uri", ""),
        resolved_uri=json.get("resolved_uri", ""),
        flavor=json.get("flavor", ""),
        config=decode_pairs(json.get("config")),
        percent=json.get("percent"),
        user=json.get("user", ""),
        url=text_or_none(json.get("url")),
        message=json.get("message", ""),
        start_time=int(json.get("start_time", 0)),
        end_time=json.get("end_time"),
    )


@message("POST", "/deployments/begin-change", idempotent=False, family=WINDLASS)
class BeginDeploymentChange(Message):
    """Writes down what is about to be done to a deployment; the server says who does it, if it has accounts."""

    target: str
    name: str
    action: str
    endpoint_name: str | None = None
    model_uri: str = ""
    resolved_uri: str = ""
    flavor: str = ""
    config: tuple[Tag, ...] = ()
    percent: int | None = None
    user: str = ""


@message("POST", "/deployments/end-change", family=WINDLASS)
class EndDeploymentChange(Message):
    """Writes down how a change of a deployment ended."""

    target: str
    name: str
    number: int
    state: str
    endpoint_name: str | None = None
    url: str | None = None
    message: str = ""


@message("GET", "/deployments/changes", family=WINDLASS)
class ListDeploymentChanges(Message):
    """Asks for the changes of a deployment, newest first."""

    target: str
    name: str
    endpoint_name: str | None = None
    max_results: int = 100
    before: int | None = None


@message("GET", "/deployments/list", family=WINDLASS)
class ListDeployments(Message):
    """Asks for the newest change of every deployment that did not fail."""
