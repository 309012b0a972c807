"""Cluster: the connection to one cluster, and what we ask of it; every error comes out as a WindlassError."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import elastic_transport
import elasticsearch
from elasticsearch import Elasticsearch

from windlass.config import Settings
from windlass_elasticsearch.address import Address
from windlass_elasticsearch.connections import CONNECTIONS
from windlass_elasticsearch.faults import translate, translate_status

Hit = Mapping[str, Any]
Action = tuple[str, str, str, Mapping[str, Any] | None]
"""What a bulk does: `create`, `index` or `delete`; the index, the id and the document."""

_TURNS = 64
_BULK_ACTIONS = 1000
_CONFLICT, _MISSING = 409, 404
_FAILED = 300


class Cluster:
    """A cluster and our indices in it, which are named as in `windlass_elasticsearch.indices`.

    Writes go to aliases only (`require_alias`), so that an index which is missing is never made by guessing.
    """

    def __init__(self, make: Callable[[], Elasticsearch], address: Address) -> None:
        self._make = make
        self._client = make()
        self._process = os.getpid()
        self.address = address
        self.page_key = b""
        self.is_tidy = False
        self._open = True
        self._turns = [threading.Lock() for _ in range(_TURNS)]

    @property
    def client(self) -> Elasticsearch:
        """The official client; a forked process gets one of its own, as two cannot share connections."""
        if self._process != os.getpid():
            self._process = os.getpid()
            self._turns = [threading.Lock() for _ in range(_TURNS)]
            self._client = self._make()
        return self._client

    def alone(self, document: str) -> AbstractContextManager[Any]:
        """A block in which no other thread of this store writes the document: they would only collide."""
        return self._turns[hash(document) % _TURNS]

    @property
    def place(self) -> str:
        """The URI, without its password."""
        return self.address.place

    def alias(self, name: str) -> str:
        """The alias behind which an index stands."""
        return f"{self.address.prefix}-{name}"

    @contextmanager
    def translating(self) -> Iterator[Elasticsearch]:
        """The client, for a block in which its errors become ours."""
        try:
            yield self.client
        except (elasticsearch.ApiError, elastic_transport.TransportError, UnicodeError) as error:
            raise translate(error, self.place) from error

    def get(self, name: str, document_id: str) -> Hit | None:
        """A document as it is at this moment, whether a search sees it yet or not; None if there is none."""
        try:
            return self.client.get(index=self.alias(name), id=document_id, realtime=True).body  # type: ignore[no-any-return]  # JSON
        except elasticsearch.NotFoundError as error:
            if isinstance(error.body, dict) and error.body.get("found") is False:
                return None
            raise translate(error, self.place) from error
        except (elasticsearch.ApiError, elastic_transport.TransportError, UnicodeError) as error:
            raise translate(error, self.place) from error

    def get_many(self, places: Sequence[tuple[str, str]], *, fields: Sequence[str] = ()) -> list[Hit | None]:
        """Several documents as they are at this moment, each by its index and id; None for those that are missing.

        Of each there are all fields, or else those that are named.
        """
        if not places:
            return []
        docs: list[dict[str, Any]] = [{"_index": self.alias(name), "_id": document_id} for name, document_id in places]
        if fields:
            docs = [{**one, "_source": list(fields)} for one in docs]
        with self.translating() as client:
            found = client.mget(docs=docs, realtime=True).body["docs"]
        for one in found:
            if "error" in one:
                raise translate_status(_MISSING, one, self.place)
        return [one if one.get("found") else None for one in found]

    def write(
        self,
        name: str,
        document_id: str,
        source: Mapping[str, Any],
        *,
        replacing: Hit | None,
    ) -> Hit | None:
        """Write a document if it is still as `replacing` says, or is missing if that is None.

        The answer has the new sequence number; None if somebody else was faster.
        """
        kwargs: dict[str, Any] = {"op_type": "create"} if replacing is None else _seen(replacing)
        try:
            return self.client.index(  # type: ignore[no-any-return]  # JSON
                index=self.alias(name), id=document_id, document=source, require_alias=True, **kwargs
            ).body
        except elasticsearch.ConflictError:
            return None
        except (elasticsearch.ApiError, elastic_transport.TransportError, UnicodeError) as error:
            raise translate(error, self.place) from error

    def remove(self, name: str, seen: Hit) -> bool:
        """Remove a document if it is still as it was seen; whether it is gone."""
        try:
            self.client.delete(index=self.alias(name), id=seen["_id"], **_seen(seen))
        except elasticsearch.NotFoundError:
            return True
        except elasticsearch.ConflictError:
            # Perhaps removed by our own first attempt, whose answer was lost.
            return self.get(name, seen["_id"]) is None
        except (elasticsearch.ApiError, elastic_transport.TransportError, UnicodeError) as error:
            raise translate(error, self.place) from error
        return True

    def bulk(self, actions: Iterable[Action]) -> None:
        """Do many things; what is there already stays as it is, and what is gone already may be removed again.

        Raises for the first item that failed; those before it and behind it may be done.
        """
        operations: list[Any] = []
        with self.translating() as client:
            for count, (operation, name, document_id, source) in enumerate(actions, start=1):
                operations.append({operation: {"_index": self.alias(name), "_id": document_id, "require_alias": True}})
                if operation == "delete":
                    del operations[-1][operation]["require_alias"]
                else:
                    operations.append(source)
                if count % _BULK_ACTIONS == 0:
                    self._send(client, operations)
                    operations = []
            if operations:
                self._send(client, operations)

    def _send(self, client: Elasticsearch, operations: list[Any]) -> None:
        answer = client.bulk(operations=operations)
        if not answer["errors"]:
            return
        for item in answer["items"]:
            ((operation, result),) = item.items()
            allowed = {"create": _CONFLICT, "delete": _MISSING}.get(operation)
            if result["status"] >= _FAILED and result["status"] != allowed:
                raise translate_status(result["status"], result, self.place)

    def refresh(self, *names: str) -> None:
        """Let searches see everything that was acknowledged so far, by whichever process; costs little if it is old."""
        with self.translating() as client:
            client.indices.refresh(index=[self.alias(name) for name in names])

    def search(self, name: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """The answer to a search; refresh first what it is about to read. All shards must have answered."""
        with self.translating() as client:
            return client.search(  # type: ignore[no-any-return]  # JSON
                index=self.alias(name), allow_partial_search_results=False, **body
            ).body

    def remove_matching(self, name: str, query: Mapping[str, Any]) -> None:
        """Remove all documents that a query finds."""
        self.refresh(name)
        with self.translating() as client:
            client.options(request_timeout=3600).delete_by_query(
                index=self.alias(name), query=query, conflicts="proceed", refresh=True
            )

    def close(self) -> None:
        """Give the connection back; the last one who does closes it. Calling it again does nothing."""
        if self._open:
            self._open = False
            CONNECTIONS.give_back(self._client)


def connect(address: Address, settings: Settings, *, patient: bool = False) -> Cluster:
    """The cluster at an address; all stores of a process that name the same one share its connections.

    `patient` lets a request take as long as it needs, as those do that change a whole index.
    """

    def make() -> Elasticsearch:
        client = CONNECTIONS.take(address, settings)
        return client.options(request_timeout=3600) if patient else client

    return Cluster(make, address)


def _seen(hit: Hit) -> dict[str, Any]:
    return {"if_seq_no": hit["_seq_no"], "if_primary_term": hit["_primary_term"]}
