"""Model versions on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, cast

from windlass.entities import ModelStage, ModelVersion, ModelVersionStatus, Tag
from windlass.wire.message import Id, Message, message
from windlass.wire.scalars import KeyValueJson, decode_pairs, encode_pairs, present, text_or_none


class ModelVersionJson(TypedDict, total=False):
    """A model version; its number is a text."""

    name: str
    version: str
    creation_timestamp: int
    last_updated_timestamp: int
    user_id: str
    current_stage: str
    description: str
    source: str
    run_id: str
    run_link: str
    model_id: str
    status: str
    status_message: str
    tags: list[KeyValueJson]
    aliases: list[str]


class ModelVersionAnswer(TypedDict):
    """One model version."""

    model_version: ModelVersionJson


class ModelVersionsAnswer(TypedDict, total=False):
    """A page of model versions."""

    model_versions: list[ModelVersionJson]
    next_page_token: str


class DownloadUriAnswer(TypedDict):
    """Where the files of a version are."""

    artifact_uri: str


def encode_model_version(version: ModelVersion) -> ModelVersionJson:
    """The JSON of a model version."""
    return cast(
        ModelVersionJson,
        present(
            {
                "name": version.name,
                "version": str(version.version),
                "creation_timestamp": version.creation_timestamp,
                "last_updated_timestamp": version.last_updated_timestamp,
                "user_id": version.user_id,
                "current_stage": str(version.current_stage),
                "description": version.description,
                "source": version.source,
                "run_id": version.run_id or "",
                "run_link": version.run_link,
                "model_id": version.model_id,
                "status": str(version.status),
                "status_message": version.status_message,
                "tags": encode_pairs(version.tags),
                "aliases": list(version.aliases),
            }
        ),
    )


def decode_model_version(json: Mapping[str, Any]) -> ModelVersion:
    """The model version behind its JSON."""
    return ModelVersion(
        name=json["name"],
        version=int(json["version"]),
        source=json.get("source", ""),
        run_id=text_or_none(json.get("run_id")),
        model_id=text_or_none(json.get("model_id")),
        run_link=json.get("run_link", ""),
        creation_timestamp=int(json.get("creation_timestamp", 0)),
        last_updated_timestamp=int(json.get("last_updated_timestamp", 0)),
        description=json.get("description", ""),
        user_id=json.get("user_id", ""),
        current_stage=json.get("current_stage", ModelStage.NONE),
        status=json.get("status", ModelVersionStatus.READY),
        status_message=json.get("status_message", ""),
        tags=decode_pairs(json.get("tags")),
        aliases=tuple(json.get("aliases", ())),
    )


@message("POST", "/model-versions/create", idempotent=False)
class CreateModelVersion(Message):
    """Registers a model as the next version."""

    name: str
    source: str
    run_id: str | None = None
    tags: tuple[Tag, ...] = ()
    run_link: str | None = None
    description: str | None = None
    model_id: str | None = None


@message("GET", "/model-versions/get")
class GetModelVersion(Message):
    """Asks for a model version."""

    name: str
    version: Id


@message("GET", "/model-versions/get-download-uri")
class GetDownloadUri(Message):
    """Asks where the files of a version are."""

    name: str
    version: Id


@message("PATCH", "/model-versions/update")
class UpdateModelVersion(Message):
    """Changes the description of a version."""

    name: str
    version: Id
    description: str | None = None


@message("POST", "/model-versions/transition-stage", idempotent=False)
class TransitionModelVersion(Message):
    """Moves a version to a stage."""

    name: str
    version: Id
    stage: str
    archive_existing_versions: bool = False


@message("DELETE", "/model-versions/delete")
class DeleteModelVersion(Message):
    """Removes a version for good."""

    name: str
    version: Id


@message("GET", "/model-versions/search")
class SearchModelVersions(Message):
    """Asks for the versions that match."""

    filter: str | None = None
    max_results: int = 10_000
    order_by: tuple[str, ...] = ()
    page_token: str | None = None


@message("POST", "/model-versions/set-tag")
class SetModelVersionTag(Message):
    """Sets a tag of a version."""

    name: str
    version: Id
    key: str
    value: str


@message("DELETE", "/model-versions/delete-tag")
class DeleteModelVersionTag(Message):
    """Removes a tag of a version."""

    name: str
    version: Id
    key: str
