"""Upgrading the indices to this release's schema.

An index whose mapping has changed is copied by the cluster into a new one, and its alias moved over at once. Writing is
blocked meanwhile, so that nothing is lost: who writes is told to come back. All of it may be broken off at any moment;
the next upgrade goes on where the last one ended, and what is old is removed only at the end.
"""

from __future__ import annotations

import re
import time
from typing import Any

import elasticsearch
from elasticsearch import Elasticsearch

from windlass.config import Settings
from windlass.errors import SchemaOutdated, Unavailable
from windlass.uri import Uri
from windlass_elasticsearch.address import Address
from windlass_elasticsearch.cluster import Cluster, connect
from windlass_elasticsearch.indices import ALL, Index
from windlass_elasticsearch.schema import (
    META,
    REVISION,
    SCHEMA,
    check_server,
    create,
    create_index,
    create_indices,
    read_schema,
)

_POLL = 0.2


def upgrade(uri: Uri, settings: Settings) -> tuple[str, str]:
    """Bring the indices to this release's schema; the revisions before (empty if there were none) and after."""
    cluster = connect(Address.parse(uri), settings, patient=True)
    try:
        check_server(cluster)
        found = read_schema(cluster)
        if found is None:
            return "", create(cluster, settings)["revision"]
        before: str = found["revision"]
        if before > REVISION:
            raise SchemaOutdated(
                f"the indices of {cluster.place} have the schema {before}, this release knows {REVISION}",
                hint="they are newer: use a newer release",
            )
        for index in ALL:
            move(cluster, index)
        _write_revision(cluster, found)
        remove_old(cluster)
        return before, REVISION
    finally:
        cluster.close()


def move(cluster: Cluster, index: Index) -> None:
    """Let the alias of an index stand for the one of this release, with all documents in it."""
    new, old = index.physical(cluster.address.prefix), _behind_alias(cluster, index)
    if old is None:
        create_indices(cluster, [index])
    elif old != new:
        with cluster.translating() as client:
            client.indices.add_block(index=old, block="write")
        create_index(cluster, index)
        copy(cluster, old, new)
        swap(cluster, index, old, new)


def copy(cluster: Cluster, old: str, new: str) -> None:
    """Copy what is not there yet, and count."""
    with cluster.translating() as client:
        # What was written last is only found after this.
        client.indices.refresh(index=old)
        task = client.reindex(
            source={"index": old},
            # Under the numbers that they have: versions of models are written under numbers that mean something.
            dest={"index": new, "version_type": "external"},
            conflicts="proceed",
            refresh=True,
            wait_for_completion=False,
        ).body["task"]
        while not (state := _state(client, task))["completed"]:
            time.sleep(_POLL)
        client.indices.refresh(index=new)
        counts = [client.count(index=name).body["count"] for name in (old, new)]
    failures = state.get("response", {}).get("failures") or state.get("error")
    if failures or counts[0] != counts[1]:
        raise Unavailable(
            f"the cluster {cluster.place} copied {counts[1]} of {counts[0]} documents from {old} to {new}",
            hint="see the log of the cluster, then upgrade again: it goes on from here",
            place=cluster.place,
        )


def _state(client: Elasticsearch, task: str) -> dict[str, Any]:
    """How far a task of the cluster is; the client's own method for it warns that it may change."""
    found: dict[str, Any] = client.perform_request(
        "GET", f"/_tasks/{task}", headers={"accept": "application/json"}
    ).body
    return found


def swap(cluster: Cluster, index: Index, old: str, new: str) -> None:
    """Move the alias, in one step."""
    alias = cluster.alias(index.name)
    with cluster.translating() as client:
        client.indices.update_aliases(
            actions=[
                {"remove": {"index": old, "alias": alias}},
                {"add": {"index": new, "alias": alias, "is_write_index": True}},
            ]
        )


def remove_old(cluster: Cluster) -> None:
    """Remove the indices of other releases, which nothing stands for any more."""
    with cluster.translating() as client:
        for index in ALL:
            name, new = cluster.alias(index.name), index.physical(cluster.address.prefix)
            found: Any = client.indices.get(index=f"{name}-v*", expand_wildcards="all").body
            for one in found:
                if one != new and re.fullmatch(rf"{re.escape(name)}-v\d+", one):
                    client.indices.delete(index=one)
                    client.options(ignore_status=404).indices.delete_index_template(name=one)


def _behind_alias(cluster: Cluster, index: Index) -> str | None:
    with cluster.translating() as client:
        try:
            found: Any = client.indices.get_alias(name=cluster.alias(index.name)).body
        except elasticsearch.NotFoundError:
            return None
    return str(next(iter(found), "")) or None


def _write_revision(cluster: Cluster, found: dict[str, Any]) -> None:
    with cluster.translating() as client:
        client.index(
            index=cluster.alias(META.name), id=SCHEMA, document={**found, "revision": REVISION}, require_alias=True
        )
