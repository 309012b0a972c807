"""Model versions on Elasticsearch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from windlass.entities import ModelStage, ModelVersion, Page
from windlass.interfaces import ModelVersionStore, ModelVersionUpdate
from windlass.search import Query
from windlass_elasticsearch.cluster import Cluster
from windlass_elasticsearch.documents import Source, read_many
from windlass_elasticsearch.indices import MODEL_VERSIONS, REGISTERED_MODELS
from windlass_elasticsearch.journal import Step
from windlass_elasticsearch.model_roots import ModelRoots
from windlass_elasticsearch.model_version_documents import VERSION_ENTITY, as_source, as_version, buried
from windlass_elasticsearch.numbers import opposite
from windlass_elasticsearch.pages import fetch_page
from windlass_elasticsearch.registered_model_documents import move
from windlass_elasticsearch.version_reading import read_version
from windlass_elasticsearch.version_steps import archive_step, put_step
from windlass_elasticsearch.visibility import GONE

_ARCHIVED = ModelStage.ARCHIVED.value


class ElasticsearchModelVersionStore(ModelVersionStore):
    """The versions of a cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._roots = ModelRoots(cluster)

    def create(self, version: ModelVersion) -> ModelVersion:
        """Keep a new version under the next number."""

        def change(model: Source) -> list[Step]:
            number = model["last_version"] = model["last_version"] + 1
            kept = replace(version, version=number, tags=dict(version.tags), aliases=())
            move(model, number, str(version.current_stage))
            _touch(model, version.creation_timestamp)
            made[:] = [kept]
            return [put_step(model["changes"], as_source(kept, model["uid"]))]

        made: list[ModelVersion] = []
        self._roots.change(version.name, change)
        return made[0]

    def get(self, name: str, version: int) -> ModelVersion:
        """The version."""
        model = self._roots.find(name).source
        return as_version(read_version(self._cluster, model, version), model)

    def update(self, name: str, version: int, update: ModelVersionUpdate) -> ModelVersion:
        """Change what `update` names."""

        def change(model: Source) -> list[Step]:
            old = as_version(read_version(self._cluster, model, version), model)
            new = _changed(old, update)
            made[:] = [new]
            steps = [put_step(model["changes"], as_source(new, model["uid"]))]
            if update.stage is None:
                return steps
            others = [one for one in model["numbers"].get(str(update.stage), ()) if one != version]
            move(model, version, new.current_stage)
            _touch(model, update.last_updated_timestamp)
            if update.archive_others and others:
                for one in others:
                    move(model, one, _ARCHIVED)
                steps.append(archive_step(model["changes"], others, update.last_updated_timestamp))
            return steps

        made: list[ModelVersion] = []
        self._roots.change(name, change)
        return made[0]

    def delete(self, name: str, version: int) -> None:
        """Remove the version and its aliases for good."""

        def change(model: Source) -> list[Step]:
            read_version(self._cluster, model, version)
            move(model, version, None)
            model["aliases"] = {alias: number for alias, number in model["aliases"].items() if number != version}
            return [put_step(model["changes"], buried(model["uid"], version))]

        self._roots.change(name, change)

    def last_number(self, name: str) -> int:
        """The highest number that a version of the model ever had."""
        return int(self._roots.find(name).source["last_version"])

    def reserve(self, name: str, number: int) -> None:
        """Give no version a number up to this one any more."""

        def change(model: Source) -> list[Step]:
            model["last_version"] = max(model["last_version"], number)
            return []

        self._roots.change(name, change)

    def search(self, query: Query) -> Page[ModelVersion]:
        """One page of the versions that match."""
        self._roots.settle()
        self._cluster.refresh(MODEL_VERSIONS.name)
        sources, token = fetch_page(self._cluster, query, VERSION_ENTITY, [opposite(GONE)])
        return Page(self._build(sources), token)

    def _build(self, sources: Sequence[Source]) -> list[ModelVersion]:
        """The versions of documents; of a model that was removed meanwhile there are none."""
        uids = list(dict.fromkeys(source["home"] for source in sources))
        found = read_many(self._cluster, [(REGISTERED_MODELS.name, uid) for uid in uids])
        models = {one.source["uid"]: one.source for one in found if one is not None and "aliases" in one.source}
        return [as_version(source, models[source["home"]]) for source in sources if source["home"] in models]


def _touch(model: Source, time: int) -> None:
    """Note that something about the model changed at this time."""
    model["last_updated_timestamp"] = max(model["last_updated_timestamp"], time)


def _changed(old: ModelVersion, update: ModelVersionUpdate) -> ModelVersion:
    changes: dict[str, Any] = {
        "description": update.description,
        "current_stage": None if update.stage is None else str(update.stage),
        "status": update.status,
        "status_message": update.status_message,
        "last_updated_timestamp": update.last_updated_timestamp or None,
    }
    named = {field: value for field, value in changes.items() if value is not None}
    tags = {key: value for key, value in old.tags.items() if key not in update.deleted_tags}
    return replace(old, **named, tags={**tags, **update.tags})
