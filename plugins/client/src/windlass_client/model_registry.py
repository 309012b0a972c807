"""HttpModelRegistry: registered models and their versions behind a Windlass or MLflow server."""

from __future__ import annotations

from typing import ClassVar, Self

from windlass.config import Settings
from windlass.entities import ModelVersion, Page, RegisteredModel, Tag
from windlass.errors import Unsupported
from windlass.interfaces import (
    ModelRegistry,
    ModelVersionStore,
    ModelVersionUpdate,
    RegisteredModelStore,
    RegisteredModelUpdate,
)
from windlass.search import Query
from windlass.uri import Uri
from windlass.wire import model_version as versions_wire
from windlass.wire import registered_model as models_wire
from windlass_client.filters import VERSION_NAMES, filter_of, write_order
from windlass_client.transport import Transport


class HttpRegisteredModelStore(RegisteredModelStore):
    """Registered models behind a server."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(self, model: RegisteredModel) -> RegisteredModel:
        """Let the server make a registered model."""
        tags = tuple(Tag(key, value) for key, value in model.tags.items())
        answer = self._transport.call(
            models_wire.CreateRegisteredModel(name=model.name, tags=tags, description=model.description or None)
        )
        return models_wire.decode_registered_model(answer["registered_model"])

    def get(self, name: str) -> RegisteredModel:
        """The registered model of a name."""
        answer = self._transport.call(models_wire.GetRegisteredModel(name=name))
        return models_wire.decode_registered_model(answer["registered_model"])

    def update(self, name: str, update: RegisteredModelUpdate) -> RegisteredModel:
        """Change it; the wire has one request for each kind of change."""
        call = self._transport.call
        if update.description is not None:
            call(models_wire.UpdateRegisteredModel(name=name, description=update.description))
        for key, value in update.tags.items():
            call(models_wire.SetRegisteredModelTag(name=name, key=key, value=value))
        for key in update.deleted_tags:
            call(models_wire.DeleteRegisteredModelTag(name=name, key=key))
        for alias, version in update.aliases.items():
            call(models_wire.SetAlias(name=name, alias=alias, version=str(version)))
        for alias in update.deleted_aliases:
            call(models_wire.DeleteAlias(name=name, alias=alias))
        if update.name is not None:
            call(models_wire.RenameRegisteredModel(name=name, new_name=update.name))
        return self.get(name if update.name is None else update.name)

    def delete(self, name: str) -> None:
        """Remove it for good."""
        self._transport.call(models_wire.DeleteRegisteredModel(name=name))

    def search(self, query: Query) -> Page[RegisteredModel]:
        """One page of the registered models that match."""
        answer = self._transport.call(
            models_wire.SearchRegisteredModels(
                filter=filter_of(query),
                max_results=query.max_results,
                order_by=write_order(query.order_by),
                page_token=query.page_token,
            )
        )
        found = (models_wire.decode_registered_model(one) for one in answer.get("registered_models", ()))
        return Page(found, answer.get("next_page_token") or None)


class HttpModelVersionStore(ModelVersionStore):
    """Model versions behind a server."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(self, version: ModelVersion) -> ModelVersion:
        """Let the server make the next version."""
        answer = self._transport.call(
            versions_wire.CreateModelVersion(
                name=version.name,
                source=version.source,
                run_id=version.run_id,
                tags=tuple(Tag(key, value) for key, value in version.tags.items()),
                run_link=version.run_link or None,
                description=version.description or None,
                model_id=version.model_id,
            )
        )
        return versions_wire.decode_model_version(answer["model_version"])

    def get(self, name: str, version: int) -> ModelVersion:
        """The version of a number."""
        answer = self._transport.call(versions_wire.GetModelVersion(name=name, version=str(version)))
        return versions_wire.decode_model_version(answer["model_version"])

    def update(self, name: str, version: int, update: ModelVersionUpdate) -> ModelVersion:
        """Change it; the wire has one request for each kind of change, and none for the status."""
        if update.status is not None or update.status_message is not None:
            raise Unsupported("the status of a version cannot be changed from outside of the server")
        call, number = self._transport.call, str(version)
        if update.description is not None:
            call(versions_wire.UpdateModelVersion(name=name, version=number, description=update.description))
        for key, value in update.tags.items():
            call(versions_wire.SetModelVersionTag(name=name, version=number, key=key, value=value))
        for key in update.deleted_tags:
            call(versions_wire.DeleteModelVersionTag(name=name, version=number, key=key))
        if update.stage is not None:
            call(
                versions_wire.TransitionModelVersion(
                    name=name, version=number, stage=update.stage, archive_existing_versions=update.archive_others
                )
            )
        return self.get(name, version)

    def delete(self, name: str, version: int) -> None:
        """Remove it for good."""
        self._transport.call(versions_wire.DeleteModelVersion(name=name, version=str(version)))

    def search(self, query: Query) -> Page[ModelVersion]:
        """One page of the versions that match."""
        answer = self._transport.call(
            versions_wire.SearchModelVersions(
                filter=filter_of(query, VERSION_NAMES),
                max_results=query.max_results,
                order_by=write_order(query.order_by, VERSION_NAMES),
                page_token=query.page_token,
            )
        )
        found = (versions_wire.decode_model_version(one) for one in answer.get("model_versions", ()))
        return Page(found, answer.get("next_page_token") or None)


class HttpModelRegistry(ModelRegistry):
    """Registered models and their versions behind a server."""

    is_remote: ClassVar[bool] = True

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._models = HttpRegisteredModelStore(transport)
        self._versions = HttpModelVersionStore(transport)

    @classmethod
    def open(cls, uri: Uri, settings: Settings) -> Self:
        """The registry behind a URL; the first request connects."""
        return cls(Transport(uri.text, settings))

    @property
    def models(self) -> RegisteredModelStore:
        """The registered models."""
        return self._models

    @property
    def versions(self) -> ModelVersionStore:
        """Their versions."""
        return self._versions

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()
