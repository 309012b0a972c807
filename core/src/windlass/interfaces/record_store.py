"""Where the platform keeps what it needs to remember itself."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Self

from windlass.config import Settings
from windlass.entities import Record
from windlass.interfaces.resource import Resource
from windlass.uri import Uri

MAX_COLLECTION = 64
"""As many characters a collection's name may have."""
MAX_KEY = 250
"""As many characters a record's key may have."""


class RecordStore(Resource):
    """Small JSON documents by collection and key: users, grants, webhooks, the audit log, deployments, ….

    A collection needs no creating. Collections and keys are texts without NUL, never empty; the service that writes
    them keeps to the limits above. One record is written at a time, atomically, durable when the call returns; whoever
    names the revision that it has seen finds out when another writer was faster. Safe for use by several threads and
    processes at once.
    """

    @classmethod
    @abstractmethod
    def open(cls, uri: Uri, settings: Settings) -> Self:
        """The records beside the runs that `uri` names."""

    @abstractmethod
    def get(self, collection: str, key: str) -> Record:
        """The record; NotFound if there is none."""

    @abstractmethod
    def put(self, collection: str, key: str, value: Mapping[str, Any], *, expected: int | None = None) -> Record:
        """Keep a value under the key and return the record with its new revision.

        `expected` is the revision that is to be replaced: Conflict if the record has another or is gone. 0 means that
        it must be new: AlreadyExists otherwise. None replaces whatever is there.
        """

    @abstractmethod
    def delete(self, collection: str, key: str, *, expected: int | None = None) -> None:
        """Remove the record; nothing happens if it is missing.

        With `expected` it is only removed at that revision: Conflict if it has another or is gone.
        """

    @abstractmethod
    def list(
        self, collection: str, *, prefix: str = "", after: str = "", max_results: int = 1000, descending: bool = False
    ) -> list[Record]:
        """The records whose keys begin with `prefix`, in the order of their keys by code point.

        `after` is a key: the list begins behind it, in the direction of the order, so that the key of the last record
        of a page leads to the next page.
        """

    @abstractmethod
    def collections(self) -> Sequence[str]:
        """The names of the collections that hold a record, in the order of their code points."""

    @abstractmethod
    def close(self) -> None:
        """Give back connections; calling it again does nothing."""
