"""Registered models as documents, and what a filter and an ordering see of them."""

from __future__ import annotations

from collections.abc import Iterable

from windlass.entities import ModelVersion, RegisteredModel
from windlass.search import FieldKind
from windlass_elasticsearch.documents import Source
from windlass_elasticsearch.indices import REGISTERED_MODELS
from windlass_elasticsearch.names import Names
from windlass_elasticsearch.searchable import Searchable
from windlass_elasticsearch.texts import as_keyed, from_keyed, get_text, put_text

MODEL_ENTITY = Searchable(
    index=REGISTERED_MODELS.name,
    texts=frozenset({"name", "description"}),
    numbers=frozenset({"creation_timestamp", "last_updated_timestamp"}),
    keyed={FieldKind.TAG: "tags"},
)


def as_source(model: RegisteredModel, uid: str) -> Source:
    """The document of a new model."""
    source: Source = {
        "uid": uid,
        "creation_timestamp": model.creation_timestamp,
        "last_updated_timestamp": model.last_updated_timestamp,
        "tags": as_keyed(model.tags),
        "changes": 0,
        "last_version": 0,
        "aliases": {},
        "numbers": {},
        "gone": False,
        "pending": False,
    }
    put_text(source, "name", model.name)
    put_text(source, "description", model.description)
    return source


def as_model(source: Source, latest: Iterable[ModelVersion]) -> RegisteredModel:
    """The model of a document, with the newest versions of its stages."""
    return RegisteredModel(
        name_of(source),
        source["creation_timestamp"],
        source["last_updated_timestamp"],
        get_text(source, "description") or "",
        from_keyed(source["tags"]),
        dict(source["aliases"]),
        tuple(latest),
    )


def name_of(source: Source) -> str:
    """The model's name."""
    return get_text(source, "name") or ""


def stage_of(source: Source, version: int) -> str | None:
    """The stage of a version of the model; None if it has no such version."""
    return next((stage for stage, numbers in source["numbers"].items() if version in numbers), None)


def move(source: Source, version: int, stage: str | None) -> None:
    """Note in a model's document that a version is in another stage now, or that it is gone."""
    kept = {key: [one for one in numbers if one != version] for key, numbers in source["numbers"].items()}
    if stage is not None:
        kept[stage] = sorted([*kept.get(stage, ()), version])
    source["numbers"] = {key: numbers for key, numbers in kept.items() if numbers}


def newest(source: Source) -> list[int]:
    """The newest version of each stage, the oldest of them first."""
    return sorted(numbers[-1] for numbers in source["numbers"].values())


def _has(source: Source, name: str) -> bool:
    return not source.get("gone") and name_of(source) == name


MODEL_NAMES = Names("model", REGISTERED_MODELS.name, _has)
