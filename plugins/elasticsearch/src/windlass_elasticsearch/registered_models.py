"""Registered models on Elasticsearch."""

from __future__ import annotations

from functools import partial

from windlass.entities import Page, RegisteredModel
from windlass.errors import AlreadyExists, NotFound
from windlass.interfaces import RegisteredModelStore, RegisteredModelUpdate
from windlass.search import Query
from windlass_elasticsearch.cluster import Cluster
from windlass_elasticsearch.documents import (
    Document,
    Source,
    again,
    create,
    new_token,
    read,
    remove,
    replace,
    written,
)
from windlass_elasticsearch.indices import REGISTERED_MODELS
from windlass_elasticsearch.journal import Step, write_down
from windlass_elasticsearch.model_roots import ModelRoots
from windlass_elasticsearch.numbers import opposite
from windlass_elasticsearch.pages import fetch_page
from windlass_elasticsearch.registered_model_documents import (
    MODEL_ENTITY,
    MODEL_NAMES,
    as_source,
    name_of,
    stage_of,
)
from windlass_elasticsearch.texts import as_keyed, from_keyed, put_text
from windlass_elasticsearch.version_reading import build_models
from windlass_elasticsearch.version_steps import JOURNAL, forget_step, rename_step
from windlass_elasticsearch.visibility import GONE


class ElasticsearchRegisteredModelStore(RegisteredModelStore):
    """The registered models of a cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._roots = ModelRoots(cluster)

    def create(self, model: RegisteredModel) -> RegisteredModel:
        """Keep a new registered model with its tags."""
        return self._build(again(partial(self._create, model, new_token())))

    def get(self, name: str) -> RegisteredModel:
        """The model with its aliases and the newest version of each stage."""
        return self._build(self._roots.find(name).source)

    def update(self, name: str, update: RegisteredModelUpdate) -> RegisteredModel:
        """Change what `update` names."""
        if update.name is None or update.name == name:
            return self._build(self._roots.change(name, lambda source: _change(source, update)))
        return self._build(self._rename(name, update.name, update))

    def delete(self, name: str) -> None:
        """Remove the model with all its versions for good."""
        again(partial(self._delete, name))

    def search(self, query: Query) -> Page[RegisteredModel]:
        """One page of the models that match."""
        self._roots.settle()
        sources, token = fetch_page(self._cluster, query, MODEL_ENTITY, [opposite(GONE)])
        return Page(build_models(self._cluster, sources), token)

    def _build(self, source: Source) -> RegisteredModel:
        return build_models(self._cluster, [source])[0]

    def _create(self, model: RegisteredModel, uid: str) -> Source:
        claimed: Source = {"gone": True, "uid": uid}
        MODEL_NAMES.claim(claimed, model.name, as_source(model, uid))
        before = read(self._cluster, REGISTERED_MODELS.name, uid)
        if before is None:
            root = written(create(self._cluster, REGISTERED_MODELS.name, uid, claimed))
        else:
            # An attempt of ours wrote it, and somebody may have brought it to its end.
            resolved = MODEL_NAMES.resolve(self._cluster, before)
            if not resolved.source.get("gone"):
                return resolved.source
            root = written(replace(self._cluster, resolved, claimed))
        return self._take_name(root).source

    def _take_name(self, root: Document) -> Document:
        """Take the name that a root claims, and make it what the claim says."""
        claim = root.source["claim"]
        if MODEL_NAMES.take(self._cluster, root, root.source["uid"]):
            return written(replace(self._cluster, root, claim["becoming"]))
        if root.source.get("gone"):
            remove(self._cluster, root)
        else:
            MODEL_NAMES.resolve(self._cluster, root)
        raise _taken(claim["name"])

    def _rename(self, name: str, new_name: str, update: RegisteredModelUpdate) -> Source:
        uid: str = self._roots.find(name).source["uid"]
        with self._cluster.alone(name):
            root: Document = again(partial(self._try_to_rename, uid, name, new_name, update))
        JOURNAL.take_soon(self._cluster, root)
        MODEL_NAMES.release(self._cluster, name, uid)
        return root.source

    def _try_to_rename(self, uid: str, name: str, new_name: str, update: RegisteredModelUpdate) -> Document:
        root = self._roots.look_up(uid)
        if root is not None and MODEL_NAMES.has(root.source, new_name):
            # Somebody found the claim of our last attempt, and brought it to its end.
            return root
        if root is None or not MODEL_NAMES.has(root.source, name):
            raise NotFound(f"there is no registered model named {name!r}")
        JOURNAL.take(self._cluster, root)
        if self._roots.has(new_name):
            raise _taken(new_name)
        becoming = {**root.source, "changes": root.source["changes"] + 1}
        steps = _change(becoming, update)
        put_text(becoming, "name", new_name)
        write_down(becoming, [*steps, rename_step(becoming["changes"], new_name)])
        claimed = dict(root.source)
        MODEL_NAMES.claim(claimed, new_name, becoming)
        return self._take_name(written(replace(self._cluster, root, claimed)))

    def _delete(self, name: str) -> None:
        root = self._roots.find(name)
        tombstone: Source = {"gone": True, "uid": root.source["uid"]}
        write_down(tombstone, [forget_step()])
        buried = written(replace(self._cluster, root, tombstone))
        JOURNAL.take(self._cluster, buried)
        remove(self._cluster, buried)
        MODEL_NAMES.release(self._cluster, name, root.source["uid"])


def _taken(name: str) -> AlreadyExists:
    return AlreadyExists(f"a registered model named {name!r} exists already", field="name")


def _change(source: Source, update: RegisteredModelUpdate) -> list[Step]:
    """Change a model's document; none of its versions' changes with it."""
    for version in update.aliases.values():
        if stage_of(source, version) is None:
            raise NotFound(f"registered model {name_of(source)!r} has no version {version}")
    tags = {key: value for key, value in from_keyed(source["tags"]).items() if key not in update.deleted_tags}
    aliases = {key: value for key, value in source["aliases"].items() if key not in update.deleted_aliases}
    source["tags"] = as_keyed({**tags, **update.tags})
    source["aliases"] = {**aliases, **update.aliases}
    source["last_updated_timestamp"] = update.last_updated_timestamp or source["last_updated_timestamp"]
    if update.description is not None:
        put_text(source, "description", update.description)
    return []
