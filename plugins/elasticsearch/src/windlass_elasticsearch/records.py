"""ElasticsearchRecordStore: what the platform itself remembers, on Elasticsearch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Self

from windlass.config import Settings
from windlass.entities import Record
from windlass.errors import AlreadyExists, Conflict, NotFound
from windlass.interfaces import RecordStore
from windlass.uri import Uri
from windlass_elasticsearch.cluster import Cluster
from windlass_elasticsearch.documents import Collided, Document, Source, again, create, read, remove, replace, written
from windlass_elasticsearch.indices import RECORDS
from windlass_elasticsearch.numbers import Clause, both
from windlass_elasticsearch.schema import open_cluster

_AT_ONCE = 1000


class ElasticsearchRecordStore(RecordStore):
    """Keeps records in an index beside those of the runs."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    @classmethod
    def open(cls, uri: Uri, settings: Settings) -> Self:
        """Connect to the cluster that `uri` names, making the indices where there are none."""
        return cls(open_cluster(uri, settings))

    @classmethod
    def upgrade(cls, uri: Uri, settings: Settings) -> tuple[str, str]:
        """Bring the indices to this release's schema."""
        from windlass_elasticsearch.upgrade import upgrade  # noqa: PLC0415  only needed here

        return upgrade(uri, settings)

    def get(self, collection: str, key: str) -> Record:
        """The record."""
        found = self._read(collection, key)
        if found is None:
            raise NotFound(f"there is no {key!r} in {collection}")
        return _record(found.source)

    def put(self, collection: str, key: str, value: Mapping[str, Any], *, expected: int | None = None) -> Record:
        """Keep a value under the key."""
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        source: Source = {"collection": collection, "key": key, "value": text}
        return _record(again(partial(self._put, source, expected)))

    def delete(self, collection: str, key: str, *, expected: int | None = None) -> None:
        """Remove the record."""
        again(partial(self._delete, collection, key, expected))

    def list(
        self, collection: str, *, prefix: str = "", after: str = "", max_results: int = 1000, descending: bool = False
    ) -> list[Record]:
        """The records whose keys begin with the prefix."""
        conditions: list[Clause] = [{"term": {"collection": collection}}]
        if prefix:
            conditions.append({"prefix": {"key": prefix}})
        body: dict[str, Any] = {"sort": [{"key": "desc" if descending else "asc"}], "track_total_hits": False}
        self._cluster.refresh(RECORDS.name)
        found: list[Record] = []
        while len(found) < max_results:
            body["size"] = min(max_results - len(found), _AT_ONCE)
            behind: list[Clause] = [{"range": {"key": {"lt" if descending else "gt": after}}}] if after else []
            page = self._cluster.search(RECORDS.name, {**body, "query": both(*conditions, *behind)})["hits"]["hits"]
            found += [_record(hit["_source"]) for hit in page]
            if len(page) < body["size"]:
                break
            after = found[-1].key
        return found

    def collections(self) -> Sequence[str]:
        """The collections that hold a record."""
        self._cluster.refresh(RECORDS.name)
        sources = [{"collection": {"terms": {"field": "collection"}}}]
        wanted: dict[str, Any] = {"size": _AT_ONCE, "sources": sources}
        found: Sequence[str] = []
        while True:
            body = {"size": 0, "aggregations": {"names": {"composite": wanted}}}
            names = self._cluster.search(RECORDS.name, body)["aggregations"]["names"]
            found = [*found, *(bucket["key"]["collection"] for bucket in names["buckets"])]
            if (after := names.get("after_key")) is None:
                return found
            wanted = {**wanted, "after": after}

    def close(self) -> None:
        """Give the connection back."""
        self._cluster.close()

    def _put(self, source: Source, expected: int | None) -> Source:
        collection, key = source["collection"], source["key"]
        found = None if expected == 0 else self._read(collection, key)
        if expected and (found is None or found.source["revision"] != expected):
            raise _changed(key)
        if found is not None:
            return written(replace(self._cluster, found, {**source, "revision": found.source["revision"] + 1})).source
        made = create(self._cluster, RECORDS.name, _name(collection, key), {**source, "revision": 1})
        if made is None and expected == 0:
            raise AlreadyExists(f"{key!r} exists already")
        return written(made).source

    def _delete(self, collection: str, key: str, expected: int | None) -> None:
        found = self._read(collection, key)
        if expected is not None and (found is None or found.source["revision"] != expected):
            raise _changed(key)
        if found is not None and not remove(self._cluster, found):
            raise Collided

    def _read(self, collection: str, key: str) -> Document | None:
        return read(self._cluster, RECORDS.name, _name(collection, key))


def _name(collection: str, key: str) -> str:
    """What the record's document is called; no text has a NUL in it."""
    return "~" + hashlib.sha256(f"{collection}\0{key}".encode("utf-8", "replace")).hexdigest()


def _record(source: Source) -> Record:
    return Record(source["collection"], source["key"], json.loads(source["value"]), source["revision"])


def _changed(key: str) -> Conflict:
    return Conflict(f"{key!r} was changed by someone else", hint="read it again")
