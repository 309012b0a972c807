"""The client's methods on registered models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from windlass.entities import ModelVersion, Page, RegisteredModel
from windlass.fluent.client.base import ClientBase
from windlass.fluent.values import to_texts


class RegisteredModelMethods(ClientBase):
    """Registered models by name."""

    def create_registered_model(
        self, name: str, tags: Mapping[str, Any] | None = None, description: str | None = None
    ) -> RegisteredModel:
        """A new name for versions."""
        return self._workspace.registered_models.create(name, tags=to_texts(tags or {}), description=description or "")

    def get_registered_model(self, name: str) -> RegisteredModel:
        """The model; NotFound if there is none."""
        return self._workspace.registered_models.get(name)

    def rename_registered_model(self, name: str, new_name: str) -> RegisteredModel:
        """Give it another name, and its versions with it."""
        return self._workspace.registered_models.rename(name, new_name)

    def update_registered_model(self, name: str, description: str | None = None) -> RegisteredModel:
        """Change the description."""
        return self._workspace.registered_models.update(name, description=description or "")

    def delete_registered_model(self, name: str) -> None:
        """Remove the model with all its versions for good."""
        self._workspace.registered_models.delete(name)

    def search_registered_models(
        self,
        filter_string: str | None = None,
        max_results: int = 100,
        order_by: Sequence[str] | None = None,
        page_token: str | None = None,
    ) -> Page[RegisteredModel]:
        """One page of the models that match."""
        return self._workspace.registered_models.search(
            filter=filter_string, max_results=max_results, order_by=order_by, page_token=page_token
        )

    def list_registered_models(self, max_results: int = 100, page_token: str | None = None) -> Page[RegisteredModel]:
        """One page of all models; the older name of `search_registered_models`."""
        return self.search_registered_models(None, max_results, None, page_token)

    def get_latest_versions(self, name: str, stages: Sequence[str] | None = None) -> list[ModelVersion]:
        """The newest version of each stage asked for, of every stage without."""
        return self._workspace.registered_models.latest_versions(name, stages)

    def set_registered_model_tag(self, name: str, key: str, value: Any) -> None:
        """Set a tag, replacing an equal key."""
        self._workspace.registered_models.set_tag(name, key, str(value))

    def delete_registered_model_tag(self, name: str, key: str) -> None:
        """Remove a tag."""
        self._workspace.registered_models.delete_tag(name, key)

    def set_registered_model_alias(self, name: str, alias: str, version: str | int) -> None:
        """Let the alias mean this version."""
        self._workspace.registered_models.set_alias(name, alias, version)

    def delete_registered_model_alias(self, name: str, alias: str) -> None:
        """Remove an alias."""
        self._workspace.registered_models.delete_alias(name, alias)
