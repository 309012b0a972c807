"""The steps of a registered model's journal, which write the documents of its versions.

Each says of which change of the model it is, and is taken before the next change happens. Documents are written under
that number, and the cluster refuses what is older than what it has: so a process that comes late changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from windlass.entities import ModelStage
from windlass_elasticsearch.cluster import Cluster, Hit
from windlass_elasticsearch.documents import Document, Source
from windlass_elasticsearch.faults import translate_status
from windlass_elasticsearch.indices import MODEL_VERSIONS
from windlass_elasticsearch.journal import Journal, Step
from windlass_elasticsearch.model_version_documents import version_id
from windlass_elasticsearch.pages import read_all
from windlass_elasticsearch.texts import put_text

_CHUNK = 200
_OLDER = 409
_FAILED = 300


def put_step(change: int, source: Source) -> Step:
    """Write one version."""
    return "put", {"change": change, "source": source}


def archive_step(change: int, numbers: list[int], time: int) -> Step:
    """Move versions to the archive; `time` is when, 0 if that is not to be noted."""
    return "archive", {"change": change, "numbers": numbers, "time": time}


def rename_step(change: int, name: str) -> Step:
    """Write the model's new name into all versions."""
    return "rename", {"change": change, "name": name}


def forget_step() -> Step:
    """Remove all versions."""
    return "forget", {}


def _put(cluster: Cluster, _root: Document, said: Mapping[str, Any]) -> None:
    place = (MODEL_VERSIONS.name, version_id(said["source"]["home"], said["source"]["version"]))
    # Looking first lets a model be read while the cluster takes no writes.
    found = cluster.get_many([place])
    if found == [None] or _older(found, said["change"]):
        _write(cluster, said["change"], [said["source"]])


def _archive(cluster: Cluster, root: Document, said: Mapping[str, Any]) -> None:
    numbers: list[int] = said["numbers"]
    for at in range(0, len(numbers), _CHUNK):
        ids = [(MODEL_VERSIONS.name, version_id(root.source["uid"], one)) for one in numbers[at : at + _CHUNK]]
        found = _older(cluster.get_many(ids), said["change"])
        _write(cluster, said["change"], [_archived(hit["_source"], said["time"]) for hit in found])


def _rename(cluster: Cluster, root: Document, said: Mapping[str, Any]) -> None:
    cluster.refresh(MODEL_VERSIONS.name)
    ids = [hit["_id"] for hit in read_all(cluster, MODEL_VERSIONS.name, _of(root), fields=["version"])]
    for at in range(0, len(ids), _CHUNK):
        found = _older(cluster.get_many([(MODEL_VERSIONS.name, one) for one in ids[at : at + _CHUNK]]), said["change"])
        renamed = [dict(hit["_source"]) for hit in found if not hit["_source"]["gone"]]
        for source in renamed:
            put_text(source, "name", said["name"])
        _write(cluster, said["change"], renamed)


def _forget(cluster: Cluster, root: Document, _said: Mapping[str, Any]) -> None:
    cluster.remove_matching(MODEL_VERSIONS.name, _of(root))


JOURNAL = Journal({"put": _put, "archive": _archive, "rename": _rename, "forget": _forget})


def _of(root: Document) -> dict[str, Any]:
    return {"term": {"home": root.source["uid"]}}


def _older(found: Iterable[Hit | None], change: int) -> list[Hit]:
    """What the change has not come to yet."""
    return [hit for hit in found if hit is not None and hit["_version"] < change]


def _archived(source: Source, time: int) -> Source:
    kept = {**source, "last_updated_timestamp": time or source["last_updated_timestamp"]}
    put_text(kept, "current_stage", ModelStage.ARCHIVED.value)
    return kept


def _write(cluster: Cluster, change: int, sources: Iterable[Source]) -> None:
    """Write documents under the number of a change, unless they are as new already."""
    operations: list[Any] = []
    for source in sources:
        place = {"_index": cluster.alias(MODEL_VERSIONS.name), "_id": version_id(source["home"], source["version"])}
        operations += [
            {"index": {**place, "version": change, "version_type": "external", "require_alias": True}},
            source,
        ]
    if not operations:
        return
    with cluster.translating() as client:
        answer = client.bulk(operations=operations)
    for item in answer["items"] if answer["errors"] else ():
        result = item["index"]
        if result["status"] >= _FAILED and result["status"] != _OLDER:
            raise translate_status(result["status"], result, cluster.place)
