"""Reading versions of registered models by their numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from windlass.entities import ModelVersion, RegisteredModel
from windlass.errors import NotFound
from windlass_elasticsearch.cluster import Cluster
from windlass_elasticsearch.documents import Source, read_many
from windlass_elasticsearch.indices import MODEL_VERSIONS
from windlass_elasticsearch.model_version_documents import as_version, version_id
from windlass_elasticsearch.registered_model_documents import as_model, name_of, newest, stage_of

_CHUNK = 500


def read_version(cluster: Cluster, model: Source, version: int) -> Source:
    """The document of a version; NotFound if the model has no such version."""
    found = read_versions(cluster, [(model["uid"], version)]) if stage_of(model, version) is not None else {}
    if not found:
        raise NotFound(f"registered model {name_of(model)!r} has no version {version}")
    return found[model["uid"], version]


def read_versions(cluster: Cluster, wanted: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Source]:
    """The documents of versions, each by the uid of its model and its number; deleted ones are missing."""
    found: dict[tuple[str, int], Source] = {}
    for at in range(0, len(wanted), _CHUNK):
        some = wanted[at : at + _CHUNK]
        documents = read_many(cluster, [(MODEL_VERSIONS.name, version_id(*one)) for one in some])
        found.update(
            (place, document.source)
            for place, document in zip(some, documents, strict=True)
            if document is not None and not document.source["gone"]
        )
    return found


def build_models(cluster: Cluster, sources: Iterable[Source]) -> list[RegisteredModel]:
    """The models of these documents with the newest version of each stage."""
    models = list(sources)
    found = read_versions(cluster, [(model["uid"], number) for model in models for number in newest(model)])
    return [as_model(model, _latest(model, found)) for model in models]


def _latest(model: Source, found: dict[tuple[str, int], Source]) -> list[ModelVersion]:
    places = ((model["uid"], number) for number in newest(model))
    return [as_version(found[place], model) for place in places if place in found]
