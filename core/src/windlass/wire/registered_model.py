"""Registered models on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, cast

from windlass.entities import RegisteredModel, Tag
from windlass.wire.message import Id, Message, message
from windlass.wire.model_version import ModelVersionJson, decode_model_version, encode_model_version
from windlass.wire.scalars import KeyValueJson, decode_pairs, encode_pairs, present


class AliasJson(TypedDict):
    """An alias with the version it means."""

    alias: str
    version: str


class RegisteredModelJson(TypedDict, total=False):
    """A registered model with the newest version of each stage."""

    name: str
    creation_timestamp: int
    last_updated_timestamp: int
    description: str
    latest_versions: list[ModelVersionJson]
    tags: list[KeyValueJson]
    aliases: list[AliasJson]


class RegisteredModelAnswer(TypedDict):
    """One registered model."""

    registered_model: RegisteredModelJson


class RegisteredModelsAnswer(TypedDict, total=False):
    """A page of registered models."""

    registered_models: list[RegisteredModelJson]
    next_page_token: str


def encode_registered_model(model: RegisteredModel) -> RegisteredModelJson:
    """The JSON of a registered model."""
    return cast(
        RegisteredModelJson,
        present(
            {
                "name": model.name,
                "creation_timestamp": model.creation_timestamp,
                "last_updated_timestamp": model.last_updated_timestamp,
                "description": model.description,
                "latest_versions": [encode_model_version(version) for version in model.latest_versions],
                "tags": encode_pairs(model.tags),
                "aliases": [AliasJson(alias=alias, version=str(version)) for alias, version in model.aliases.items()],
            }
        ),
    )


def decode_registered_model(json: Mapping[str, Any]) -> RegisteredModel:
    """The registered model behind its JSON."""
    return RegisteredModel(
        name=json["name"],
        creation_timestamp=int(json.get("creation_timestamp", 0)),
        last_updated_timestamp=int(json.get("last_updated_timestamp", 0)),
        description=json.get("description", ""),
        tags=decode_pairs(json.get("tags")),
        aliases={one["alias"]: int(one["version"]) for one in json.get("aliases", ())},
        latest_versions=tuple(decode_model_version(one) for one in json.get("latest_versions", ())),
    )


@message("POST", "/registered-models/create", idempotent=False)
class CreateRegisteredModel(Message):
    """Makes a registered model."""

    name: str
    tags: tuple[Tag, ...] = ()
    description: str | None = None


@message("GET", "/registered-models/get")
class GetRegisteredModel(Message):
    """Asks for a registered model."""

    name: str


@message("POST", "/registered-models/rename", idempotent=False)
class RenameRegisteredModel(Message):
    """Gives a registered model another name."""

    name: str
    new_name: str


@message("PATCH", "/registered-models/update")
class UpdateRegisteredModel(Message):
    """Changes the description of a registered model."""

    name: str
    description: str | None = None


@message("DELETE", "/registered-models/delete")
class DeleteRegisteredModel(Message):
    """Removes a registered model with its versions for good."""

    name: str


@message("GET", "/registered-models/search")
class SearchRegisteredModels(Message):
    """Asks for the registered models that match."""

    filter: str | None = None
    max_results: int = 100
    order_by: tuple[str, ...] = ()
    page_token: str | None = None


@message("GET", "/registered-models/list")
class ListRegisteredModels(Message):
    """Asks for all registered models, as clients of MLflow 1 do."""

    max_results: int = 100
    page_token: str | None = None


@message("POST GET", "/registered-models/get-latest-versions")
class GetLatestVersions(Message):
    """Asks for the newest version of each stage."""

    name: str
    stages: tuple[str, ...] = ()


@message("POST", "/registered-models/set-tag")
class SetRegisteredModelTag(Message):
    """Sets a tag of a registered model."""

    name: str
    key: str
    value: str


@message("DELETE", "/registered-models/delete-tag")
class DeleteRegisteredModelTag(Message):
    """Removes a tag of a registered model."""

    name: str
    key: str


@message("POST", "/registered-models/alias")
class SetAlias(Message):
    """Lets an alias mean a version."""

    name: str
    alias: str
    version: Id


@message("DELETE", "/registered-models/alias")
class DeleteAlias(Message):
    """Removes an alias."""

    name: str
    alias: str


@message("GET", "/registered-models/alias")
class GetVersionByAlias(Message):
    """Asks for the version that an alias means."""

    name: str
    alias: str
