"""Connections: the official client, one for all stores of a process that name the same cluster."""

from __future__ import annotations

import logging
import os
import threading
from typing import Any

from elasticsearch import Elasticsearch

from windlass.config import Settings
from windlass.errors import InvalidValue
from windlass_elasticsearch.address import Address

_requests = logging.getLogger("elastic_transport.transport")
_RETRIES = 2
_CONNECTIONS = 28


class Connections:
    """The clients of this process, and how many stores use each."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew, as a forked process must: two cannot share connections."""
        self._lock = threading.Lock()
        self._clients: dict[tuple[Any, ...], tuple[Elasticsearch, int]] = {}

    def take(self, address: Address, settings: Settings) -> Elasticsearch:
        """The client for an address, to be given back."""
        key = (
            address.hosts,
            address.credentials,
            settings.elasticsearch_api_key,
            settings.elasticsearch_ca_file,
            settings.elasticsearch_timeout,
        )
        with self._lock:
            client, users = self._clients.get(key) or (_make(address, settings), 0)
            self._clients[key] = (client, users + 1)
            return client

    def give_back(self, client: Elasticsearch) -> None:
        """Close the client if nobody uses it any more."""
        with self._lock:
            for key, (one, users) in list(self._clients.items()):
                if one.transport is client.transport:
                    self._clients[key] = (one, users - 1)
                    if users == 1:
                        del self._clients[key]
                        one.close()


CONNECTIONS = Connections()
os.register_at_fork(after_in_child=CONNECTIONS.forget)


def _make(address: Address, settings: Settings) -> Elasticsearch:
    options: dict[str, Any] = {
        "request_timeout": settings.elasticsearch_timeout,
        "retry_on_timeout": False,
        "max_retries": _RETRIES,
        "retry_on_status": (429, 502, 503, 504),
        "connections_per_node": _CONNECTIONS,
    }
    if address.credentials is not None:
        options["basic_auth"] = address.credentials
    elif settings.elasticsearch_api_key:
        options["api_key"] = settings.elasticsearch_api_key
    if settings.elasticsearch_ca_file and address.hosts[0].startswith("https"):
        options["ca_certs"] = settings.elasticsearch_ca_file
    if _requests.level == logging.NOTSET:
        # Otherwise the log of a server has a line for each of its requests to the cluster.
        _requests.setLevel(logging.WARNING)
    try:
        return Elasticsearch(list(address.hosts), **options)
    except (ValueError, OSError) as error:
        raise InvalidValue("uri", address.place, f"cannot be used: {error}") from error
