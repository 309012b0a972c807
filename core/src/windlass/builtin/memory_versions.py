"""Model versions in memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from windlass.builtin import memory_search
from windlass.builtin.memory_state import RegistryState
from windlass.entities import ModelStage, ModelVersion, Page
from windlass.interfaces import ModelVersionStore, ModelVersionUpdate
from windlass.search import Field, FieldKind, Query, Value


class MemoryModelVersionStore(ModelVersionStore):
    """The versions of a memory registry."""

    def __init__(self, state: RegistryState) -> None:
        self._state = state

    def create(self, version: ModelVersion) -> ModelVersion:
        """Keep a new version under the next number."""
        state, name = self._state, version.name
        with state.lock:
            model = state.model(name)
            state.counters[name] += 1
            kept = replace(version, version=state.counters[name], tags=dict(version.tags), aliases=())
            state.versions[name, kept.version] = kept
            state.touch(model, version.creation_timestamp)
            return kept

    def get(self, name: str, version: int) -> ModelVersion:
        """The version."""
        with self._state.lock:
            return with_aliases(self._state, self._state.version(name, version))

    def update(self, name: str, version: int, update: ModelVersionUpdate) -> ModelVersion:
        """Change what `update` names."""
        state = self._state
        with state.lock:
            old = state.version(name, version)
            changes: dict[str, Any] = {
                "description": update.description,
                "current_stage": update.stage,
                "status": update.status,
                "status_message": update.status_message,
                "last_updated_timestamp": update.last_updated_timestamp or None,
            }
            named = {field: value for field, value in changes.items() if value is not None}
            tags = {key: value for key, value in old.tags.items() if key not in update.deleted_tags}
            new = replace(old, **named, tags={**tags, **update.tags})
            state.versions[name, version] = new
            if update.stage is not None and update.archive_others:
                self._archive_others(new, update.last_updated_timestamp)
            if update.stage is not None:
                state.touch(state.model(name), update.last_updated_timestamp)
            return self.get(name, version)

    def delete(self, name: str, version: int) -> None:
        """Remove the version and its aliases for good."""
        state = self._state
        with state.lock:
            state.version(name, version)
            del state.versions[name, version]
            model = state.model(name)
            kept = {alias: number for alias, number in model.aliases.items() if number != version}
            state.models[name] = replace(model, aliases=kept)

    def search(self, query: Query) -> Page[ModelVersion]:
        """One page of the versions that match."""
        with self._state.lock:
            return memory_search.search(
                [with_aliases(self._state, version) for version in self._state.versions.values()],
                query,
                values=_values,
                sort_value=lambda version, order: memory_search.first(_values(version, order.field)),
                key=self._state.page_key + b"model_versions",
            )

    def last_number(self, name: str) -> int:
        """The highest number that a version of the model ever had."""
        with self._state.lock:
            return self._state.counters[self._state.model(name).name]

    def reserve(self, name: str, number: int) -> None:
        """Give no version a number up to this one any more."""
        with self._state.lock:
            self._state.counters[name] = max(self.last_number(name), number)

    def _archive_others(self, new: ModelVersion, time: int) -> None:
        for key, other in self._state.versions.items():
            if key[0] == new.name and other.version != new.version and other.current_stage == new.current_stage:
                self._state.versions[key] = replace(
                    other,
                    current_stage=ModelStage.ARCHIVED,
                    last_updated_timestamp=time or other.last_updated_timestamp,
                )


def with_aliases(state: RegistryState, version: ModelVersion) -> ModelVersion:
    """The version with the aliases that its model has for it."""
    aliases = state.models[version.name].aliases
    return replace(version, aliases=tuple(sorted(one for one, number in aliases.items() if number == version.version)))


def _values(version: ModelVersion, field: Field) -> Iterable[Value]:
    if field.kind is FieldKind.TAG:
        return [version.tags[field.key]] if field.key in version.tags else []
    return memory_search.attribute(version, field.key)
