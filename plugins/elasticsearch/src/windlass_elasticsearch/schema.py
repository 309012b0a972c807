"""The schema: making the indices in a cluster that has none of ours, and telling whether they are this release's."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import elasticsearch

from windlass.config import Settings
from windlass.errors import SchemaOutdated, Unsupported
from windlass.uri import Uri
from windlass_elasticsearch import beginning
from windlass_elasticsearch.address import Address
from windlass_elasticsearch.cluster import Cluster, connect
from windlass_elasticsearch.faults import NotReady
from windlass_elasticsearch.indices import ALL, Index
from windlass_elasticsearch.indices.index import HIDDEN_KEYWORD, KEYWORD

REVISION = "0001"
"""The revision that this release wants; it goes up when any index gets another version."""
META = Index("meta", 1, {"revision": KEYWORD, "page_key": HIDDEN_KEYWORD})
"""Says of which revision the indices are; it never changes itself."""
SCHEMA = "schema"
_OLDEST = 8
_PATIENCE, _POLL = 30.0, 0.1
_EXISTS = "resource_already_exists_exception"


def open_cluster(uri: Uri, settings: Settings) -> Cluster:
    """Connect, make the indices if there are none, and check that they are this release's."""
    cluster = connect(Address.parse(uri), settings)
    try:
        _once_ready(partial(_prepare, cluster, settings))
        return cluster
    except BaseException:
        cluster.close()
        raise


def exists(uri: Uri, settings: Settings) -> bool:
    """Whether there are indices of ours, of whatever release; makes none."""
    cluster = connect(Address.parse(uri), settings)
    try:
        return read_schema(cluster) is not None
    finally:
        cluster.close()


def _once_ready(work: Callable[[], None]) -> None:
    """Do something as soon as the indices are ready, which another process may be making at this moment."""
    began = time.monotonic()
    while True:
        try:
            return work()
        except NotReady:
            if time.monotonic() - began > _PATIENCE:
                raise
            time.sleep(_POLL)


def _prepare(cluster: Cluster, settings: Settings) -> None:
    found = read_schema(cluster)
    if found is None:
        check_server(cluster)
        found = create(cluster, settings)
    if found["revision"] != REVISION:
        newer = found["revision"] > REVISION
        raise SchemaOutdated(
            f"the indices of {cluster.place} have the schema {found['revision']}, this release wants {REVISION}",
            hint="they are newer: use a newer release" if newer else f"windlass db upgrade '{cluster.place}'",
        )
    cluster.page_key = bytes.fromhex(found["page_key"])


def check_server(cluster: Cluster) -> None:
    """Raise Unsupported if the server is too old."""
    with cluster.translating() as client:
        version = str(client.info().body["version"]["number"])
    if int(version.partition(".")[0]) < _OLDEST:
        raise Unsupported(
            f"{cluster.place} is Elasticsearch {version}", hint=f"use {_OLDEST}.0 or later", place=cluster.place
        )


def read_schema(cluster: Cluster) -> dict[str, Any] | None:
    """The revision of the indices and the key that signs page tokens; None if there are no indices."""
    with cluster.translating() as client:
        try:
            found = client.get(index=cluster.alias(META.name), id=SCHEMA, realtime=True)
        except elasticsearch.NotFoundError:
            return None
    source: dict[str, Any] = found.body["_source"]
    return source


def create(cluster: Cluster, settings: Settings) -> dict[str, Any]:
    """Make everything that is missing; several processes may do so at once."""
    create_indices(cluster, (META, *ALL))
    beginning.fill(cluster, settings)
    written = {"revision": REVISION, "page_key": secrets.token_hex(32)}
    cluster.write(META.name, SCHEMA, written, replacing=None)
    return read_schema(cluster) or written


def create_indices(cluster: Cluster, indices: Iterable[Index]) -> None:
    """Make the indices that are missing, each behind its alias."""
    for index in indices:
        with cluster.translating() as client:
            if not client.indices.exists_alias(name=cluster.alias(index.name)):
                create_index(cluster, index, aliases={cluster.alias(index.name): {"is_write_index": True}})


def create_index(cluster: Cluster, index: Index, *, aliases: dict[str, Any] | None = None) -> None:
    """Make an index, and the template from which it would be made again; nothing happens if it is there."""
    name = index.physical(cluster.address.prefix)
    body = index.body()
    with cluster.translating() as client:
        client.indices.put_index_template(
            name=name, index_patterns=[name], priority=500, template=body, version=index.version
        )
        try:
            client.indices.create(index=name, aliases=aliases, **body)
        except elasticsearch.BadRequestError as error:
            if error.error != _EXISTS:
                raise
