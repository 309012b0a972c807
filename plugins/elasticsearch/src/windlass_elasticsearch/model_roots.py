"""Model roots: finding the document of a registered model, and changing it together with its versions."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from windlass.errors import NotFound, Unavailable
from windlass_elasticsearch.cluster import Cluster
from windlass_elasticsearch.documents import (
    Document,
    Source,
    again,
    as_document,
    read,
    remove,
    replace,
    written,
)
from windlass_elasticsearch.indices import REGISTERED_MODELS
from windlass_elasticsearch.journal import Step, write_down
from windlass_elasticsearch.pages import read_all
from windlass_elasticsearch.registered_model_documents import MODEL_NAMES
from windlass_elasticsearch.version_steps import JOURNAL

Change = Callable[[Source], list[Step]]
"""Changes a copy of a model's document, and says what is to be done to its versions."""


class ModelRoots:
    """The documents of registered models."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def find(self, name: str) -> Document:
        """The document of a model as it is at this moment, all of whose versions are; NotFound if there is none."""
        root: Document = again(partial(self._find, name))
        JOURNAL.take(self._cluster, root)
        return root

    def has(self, name: str) -> bool:
        """Whether there is a model of this name."""
        try:
            self._find(name)
        except NotFound:
            return False
        return True

    def change(self, name: str, change: Change) -> Source:
        """Change a model in one step, however many documents of versions that means; returns the new document."""
        # Who changes the same model meanwhile would have to begin again.
        with self._cluster.alone(name):
            root = again(partial(self._change, name, change))
        JOURNAL.take_soon(self._cluster, root)
        source: Source = root.source
        return source

    def settle(self) -> None:
        """Bring to an end, before a search, what others have begun."""
        self._cluster.refresh(REGISTERED_MODELS.name)
        pending = read_all(self._cluster, REGISTERED_MODELS.name, {"term": {"pending": True}})
        for hit in pending:
            again(partial(self._settle, hit["_id"], as_document(REGISTERED_MODELS.name, hit)))
        if pending:
            self._cluster.refresh(REGISTERED_MODELS.name)

    def look_up(self, uid: str) -> Document | None:
        """The document of a model by its id, as its claim for a name turned out; None if the model is gone."""
        root = read(self._cluster, REGISTERED_MODELS.name, uid)
        if root is not None:
            root = MODEL_NAMES.resolve(self._cluster, root)
        return None if root is None or root.source.get("gone") else root

    def _find(self, name: str) -> Document:
        uid = MODEL_NAMES.find(self._cluster, name)
        root = None if uid is None else self.look_up(uid)
        if root is None or not MODEL_NAMES.has(root.source, name):
            raise NotFound(f"there is no registered model named {name!r}")
        return root

    def _change(self, name: str, change: Change) -> Document:
        root = self._find(name)
        JOURNAL.take(self._cluster, root)
        source = {**root.source, "changes": root.source["changes"] + 1}
        write_down(source, change(source))
        return written(replace(self._cluster, root, source))

    def _settle(self, uid: str, seen: Document) -> None:
        root: Document | None = seen
        if "claim" in seen.source:
            current = read(self._cluster, REGISTERED_MODELS.name, uid)
            root = None if current is None else MODEL_NAMES.resolve(self._cluster, current)
        if root is None:
            return
        JOURNAL.take(self._cluster, root)
        # What is left to do can wait until the cluster takes writes.
        with suppress(Unavailable):
            self._tidy(root)

    def _tidy(self, root: Document) -> None:
        """Empty the journal of a root whose steps are taken, or remove one that is gone."""
        if root.source.get("gone"):
            remove(self._cluster, root)
        elif JOURNAL.clear(self._cluster, root) is None:
            current = read(self._cluster, REGISTERED_MODELS.name, root.document_id)
            if current is not None and current.source.get("pending"):
                # Somebody changed it meanwhile, and what they wrote down may be undone still.
                JOURNAL.take(self._cluster, current)
