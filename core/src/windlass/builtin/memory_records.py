"""MemoryRecordStore: the reference for what a record store does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any, Self

from windlass.builtin.memory_state import RecordState, open_state
from windlass.config import Settings
from windlass.entities import Record
from windlass.errors import AlreadyExists, Conflict, NotFound
from windlass.interfaces import RecordStore
from windlass.uri import Uri


class MemoryRecordStore(RecordStore):
    """Keeps records in this process's memory until it ends; URIs as for MemoryTrackingStore."""

    def __init__(self, state: RecordState) -> None:
        self._state = state

    @classmethod
    def open(cls, uri: Uri, settings: Settings) -> Self:
        """Connect to the records that `uri` names."""
        del settings
        return cls(open_state(uri, RecordState, RecordState))

    def get(self, collection: str, key: str) -> Record:
        """The record."""
        with self._state.lock:
            found = self._state.records.get(collection, {}).get(key)
        if found is None:
            raise NotFound(f"there is no {key!r} in {collection}")
        return _copy(found)

    def put(self, collection: str, key: str, value: Mapping[str, Any], *, expected: int | None = None) -> Record:
        """Keep a value under the key."""
        with self._state.lock:
            records = self._state.records.setdefault(collection, {})
            _check(records.get(key), key, expected)
            revision = records[key].revision + 1 if key in records else 1
            records[key] = _copy(Record(collection, key, value, revision))
            return _copy(records[key])

    def delete(self, collection: str, key: str, *, expected: int | None = None) -> None:
        """Remove the record."""
        with self._state.lock:
            records = self._state.records.get(collection, {})
            if expected is not None:
                _check(records.get(key), key, expected)
            records.pop(key, None)

    def list(
        self, collection: str, *, prefix: str = "", after: str = "", max_results: int = 1000, descending: bool = False
    ) -> list[Record]:
        """The records whose keys begin with the prefix."""
        with self._state.lock:
            records = dict(self._state.records.get(collection, {}))
        keys = sorted((key for key in records if key.startswith(prefix)), reverse=descending)
        if after:
            keys = [key for key in keys if (key < after if descending else key > after)]
        return [_copy(records[key]) for key in keys[:max_results]]

    def collections(self) -> Sequence[str]:
        """The collections that hold a record."""
        with self._state.lock:
            return sorted(name for name, records in self._state.records.items() if records)

    def close(self) -> None:
        """Nothing to give back."""


def _check(found: Record | None, key: str, expected: int | None) -> None:
    if expected is None:
        return
    if expected == 0:
        if found is not None:
            raise AlreadyExists(f"{key!r} exists already")
    elif found is None or found.revision != expected:
        raise Conflict(f"{key!r} was changed by someone else", hint="read it again")


def _copy(record: Record) -> Record:
    """A record of one's own: nobody changes what is kept through what they got."""
    return Record(record.collection, record.key, deepcopy(dict(record.value)), record.revision)
