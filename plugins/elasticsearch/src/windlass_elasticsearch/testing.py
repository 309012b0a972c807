"""Prefixes for tests: new ones on the server that `windlass.testing.services` finds, removed afterwards."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from windlass.config import Settings
from windlass.testing.services import service_url
from windlass.uri import Uri
from windlass_elasticsearch.address import Address
from windlass_elasticsearch.cluster import connect


@contextmanager
def new_prefix() -> Iterator[Uri]:
    """The URI of a prefix that nobody else uses; skips the test where there is no server."""
    uri = Uri.parse(service_url("elasticsearch")).join(f"test-{secrets.token_hex(6)}")
    try:
        yield uri
    finally:
        remove_prefix(uri)


def remove_prefix(uri: Uri) -> None:
    """Remove all indices of a prefix, and their templates."""
    cluster = connect(Address.parse(uri), Settings())
    try:
        indices = cluster.client.indices
        found = list(indices.get(index=f"{cluster.address.prefix}-*", expand_wildcards="all").body)
        if found:
            indices.delete(index=found)
        for name in indices.get_index_template(name=f"{cluster.address.prefix}-*").body["index_templates"]:
            indices.delete_index_template(name=name["name"])
    finally:
        cluster.close()
