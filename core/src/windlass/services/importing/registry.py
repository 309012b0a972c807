"""Moving registered models: versions under their own numbers, then what the model says about them."""

from __future__ import annotations

from windlass.entities import ModelVersion, RegisteredModel
from windlass.errors import NotFound, Unsupported
from windlass.interfaces import NumbersVersions, RegisteredModelUpdate
from windlass.services.importing.differences import check_alike, conflict
from windlass.services.importing.forms import model_form, version_form
from windlass.services.importing.sides import Side

_LATER = ("aliases", "last_updated_timestamp")
"""What a model has only when all its versions are there."""


def find_model(side: Side, name: str) -> RegisteredModel | None:
    """The model of this name, if the side has it."""
    try:
        return side.registry.models.get(name)
    except NotFound:
        return None


def move_model(model: RegisteredModel, source: Side, target: Side) -> int:
    """Make what is missing of the model and its versions; returns how many versions it has."""
    found = find_model(target, model.name)
    if found is None:
        found = target.registry.models.create(model)
    what = f"registered model {model.name!r}"
    check_alike(what, model_form(model), model_form(found), but=_LATER)
    for alias, number in found.aliases.items():
        if model.aliases.get(alias) != number:
            raise conflict(f"has another {what}: its alias {alias} means version {number}")
    versions = _move_versions(model.name, source, target)
    numbers(target).reserve(model.name, source.last_number(model.name))
    if model_form(target.registry.models.get(model.name)) != model_form(model):
        update = RegisteredModelUpdate(aliases=model.aliases, last_updated_timestamp=model.last_updated_timestamp)
        target.registry.models.update(model.name, update)
    return versions


def numbers(target: Side) -> NumbersVersions:
    """The ability to give versions the numbers that they had."""
    store = target.registry.versions
    if not isinstance(store, NumbersVersions):
        raise Unsupported(f"{target.name} chooses the numbers of versions itself", hint="import into another store")
    return store


def _move_versions(name: str, source: Side, target: Side) -> int:
    there = (version for page in target.versions(name) for version in page)
    found, count = next(there, None), 0
    for page in source.versions(name):
        for version in page:
            count += 1
            if found is None:
                _create(version, target)
            elif found.version != version.version:
                raise conflict(f"has version {found.version} of {name!r} where the source has {version.version}")
            else:
                what = f"version {version.version} of {name!r}"
                check_alike(what, version_form(version), version_form(found))
                found = next(there, None)
    if found is not None:
        raise conflict(f"has version {found.version} of {name!r}, the source does not")
    return count


def _create(version: ModelVersion, target: Side) -> None:
    numbers(target).reserve(version.name, version.version - 1)
    made = target.registry.versions.create(version)
    if made.version != version.version:
        target.registry.versions.delete(made.name, made.version)
        raise conflict(f"has given version {version.version} of {version.name!r} away already")
