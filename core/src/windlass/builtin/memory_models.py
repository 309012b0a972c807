"""Registered models in memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from windlass.builtin import memory_search
from windlass.builtin.memory_state import RegistryState
from windlass.builtin.memory_versions import with_aliases
from windlass.entities import ModelVersion, Page, RegisteredModel
from windlass.errors import AlreadyExists
from windlass.interfaces import RegisteredModelStore, RegisteredModelUpdate
from windlass.search import Field, FieldKind, Query, Value


class MemoryRegisteredModelStore(RegisteredModelStore):
    """The registered models of a memory registry."""

    def __init__(self, state: RegistryState) -> None:
        self._state = state

    def create(self, model: RegisteredModel) -> RegisteredModel:
        """Keep a new registered model with its tags."""
        with self._state.lock:
            self._check_name(model.name)
            kept = replace(model, tags=dict(model.tags), aliases={}, latest_versions=())
            self._state.models[model.name] = kept
            self._state.counters[model.name] = 0
            return kept

    def get(self, name: str) -> RegisteredModel:
        """The model with its aliases and the newest version of each stage."""
        with self._state.lock:
            return replace(self._state.model(name), latest_versions=self._latest(name))

    def update(self, name: str, update: RegisteredModelUpdate) -> RegisteredModel:
        """Change what `update` names."""
        state = self._state
        with state.lock:
            old = state.model(name)
            new_name = old.name if update.name is None else update.name
            if new_name != name:
                self._check_name(new_name)
            for version in update.aliases.values():
                state.version(name, version)
            tags = {key: value for key, value in old.tags.items() if key not in update.deleted_tags}
            aliases = {key: value for key, value in old.aliases.items() if key not in update.deleted_aliases}
            del state.models[name]
            state.models[new_name] = replace(
                old,
                name=new_name,
                description=old.description if update.description is None else update.description,
                tags={**tags, **update.tags},
                aliases={**aliases, **update.aliases},
                last_updated_timestamp=update.last_updated_timestamp or old.last_updated_timestamp,
            )
            self._move_versions(name, new_name)
            return self.get(new_name)

    def delete(self, name: str) -> None:
        """Remove the model with all its versions for good."""
        state = self._state
        with state.lock:
            state.model(name)
            del state.models[name], state.counters[name]
            for key in [key for key in state.versions if key[0] == name]:
                del state.versions[key]

    def search(self, query: Query) -> Page[RegisteredModel]:
        """One page of the models that match."""
        with self._state.lock:
            return memory_search.search(
                [self.get(name) for name in self._state.models],
                query,
                values=_values,
                sort_value=lambda model, order: memory_search.first(_values(model, order.field)),
                key=self._state.page_key + b"registered_models",
            )

    def _check_name(self, name: str) -> None:
        if name in self._state.models:
            raise AlreadyExists(f"a registered model named {name!r} exists already", field="name")

    def _latest(self, name: str) -> tuple[ModelVersion, ...]:
        """The newest version of each stage, the oldest of them first."""
        newest: dict[str, ModelVersion] = {}
        for (owner, number), version in sorted(self._state.versions.items()):
            if owner == name:
                newest[version.current_stage] = with_aliases(self._state, self._state.versions[owner, number])
        return tuple(sorted(newest.values(), key=lambda version: version.version))

    def _move_versions(self, name: str, new_name: str) -> None:
        state = self._state
        state.counters[new_name] = state.counters.pop(name)
        for key in [key for key in state.versions if key[0] == name]:
            state.versions[new_name, key[1]] = replace(state.versions.pop(key), name=new_name)


def _values(model: RegisteredModel, field: Field) -> Iterable[Value]:
    if field.kind is FieldKind.TAG:
        return [model.tags[field.key]] if field.key in model.tags else []
    return memory_search.attribute(model, field.key)
