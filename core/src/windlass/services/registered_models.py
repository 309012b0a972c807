"""Registered models: what can be done with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from windlass.entities import ModelStage, ModelVersion, Page, RegisteredModel
from windlass.errors import InvalidValue
from windlass.interfaces import ModelRegistry, RegisteredModelUpdate
from windlass.search import REGISTERED_MODELS
from windlass.services.identity import now_ms
from windlass.services.limits import (
    MAX_DESCRIPTION,
    check_alias,
    check_key,
    check_model_name,
    check_tags,
    check_text,
    check_version,
)
from windlass.services.paging import Search
from windlass.services.visibility import EVERYTHING, Visibility, visible_page


class RegisteredModelService:
    """Registered models of one registry."""

    def __init__(self, registry: ModelRegistry, visibility: Visibility = EVERYTHING) -> None:
        self._models = registry.models
        self._visibility = visibility

    def create(self, name: str, *, tags: Mapping[str, str] | None = None, description: str = "") -> RegisteredModel:
        """A new name for versions; AlreadyExists if it is taken."""
        created = now_ms()
        check_text("description", description, MAX_DESCRIPTION)
        model = RegisteredModel(check_model_name(name), created, created, description, check_tags(tags))
        return self._models.create(model)

    def get(self, name: str) -> RegisteredModel:
        """The model with its aliases and the newest version of each stage."""
        return self._models.get(check_model_name(name))

    def rename(self, name: str, new_name: str) -> RegisteredModel:
        """Give it another name, and its versions with it."""
        return self._update(name, name=check_model_name(new_name))

    def update(self, name: str, *, description: str) -> RegisteredModel:
        """Change the description."""
        return self._update(name, description=check_text("description", description, MAX_DESCRIPTION))

    def delete(self, name: str) -> None:
        """Remove the model with all its versions for good."""
        self._models.delete(check_model_name(name))

    def search(self, **search: Any) -> Page[RegisteredModel]:
        """One page of the models that match; the arguments are the fields of `Search`."""
        query = Search(**{"max_results": 100, **search}).query(REGISTERED_MODELS)
        return visible_page(self._models.search, query, lambda one: self._visibility.shows_model(one.name))

    def set_tag(self, name: str, key: str, value: str) -> None:
        """Set a tag, replacing an equal key."""
        self._update(name, tags=check_tags({key: value}))

    def delete_tag(self, name: str, key: str) -> None:
        """Remove a tag; nothing happens if it is missing."""
        self._update(name, deleted_tags=(check_key("tag key", key),))

    def set_alias(self, name: str, alias: str, version: int | str) -> None:
        """Let the alias mean this version, and no other any longer."""
        self._update(name, aliases={check_alias(alias): check_version(version)})

    def delete_alias(self, name: str, alias: str) -> None:
        """Remove an alias; nothing happens if it is missing."""
        self._update(name, deleted_aliases=(check_alias(alias),))

    def latest_versions(self, name: str, stages: Iterable[str] | None = None) -> list[ModelVersion]:
        """The newest version of each stage asked for, of every stage without."""
        wanted = [parse_stage(stage) for stage in stages or ()]
        latest = self.get(name).latest_versions
        return [version for version in latest if not wanted or version.current_stage in wanted]

    def _update(self, name: str, /, **changes: Any) -> RegisteredModel:
        update = RegisteredModelUpdate(last_updated_timestamp=now_ms(), **changes)
        return self._models.update(check_model_name(name), update)


def parse_stage(stage: str) -> str:
    """The stage that a text names, whatever its case."""
    for known in ModelStage:
        if str(stage).lower() == known.lower():
            return str(known)
    raise InvalidValue("stage", stage, "is not known", limit=", ".join(ModelStage))
