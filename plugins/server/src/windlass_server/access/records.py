"""AccessRecords: how accounts and permissions are kept, and how other processes learn of a change.

Every change is followed by a new revision of one record, which every process looks at when its view of the accounts is
older than some seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from windlass.entities import Record
from windlass.errors import AlreadyExists, Conflict, NotFound
from windlass.interfaces import RecordStore

USERS, GROUPS, TOKENS, GRANTS, STATE = (f"access.{one}" for one in ("users", "groups", "tokens", "grants", "state"))
_VERSION, _IDS = "version", "ids"
_PAGE = 1000
_ATTEMPTS = 50


class AccessRecords:
    """The collections of a record store that hold accounts and permissions."""

    def __init__(self, store: RecordStore) -> None:
        self.store = store

    def all(self, collection: str) -> Iterator[Record]:
        """Every record of a collection."""
        after = ""
        while page := self.store.list(collection, after=after, max_results=_PAGE):
            yield from page
            if len(page) < _PAGE:
                return
            after = page[-1].key

    def version(self) -> int:
        """The number of changes so far."""
        try:
            return self.store.get(STATE, _VERSION).revision
        except NotFound:
            return 0

    def changed(self) -> int:
        """Tell other processes that something changed; returns the number of changes."""
        return self.store.put(STATE, _VERSION, {}).revision

    def next_id(self, kind: str) -> int:
        """A number that nothing else of this kind has or had."""

        def count(value: Mapping[str, Any]) -> Mapping[str, Any]:
            return {**value, kind: int(value.get(kind, 0)) + 1}

        return int(self.update(STATE, _IDS, count, missing={})[kind])

    def update(
        self,
        collection: str,
        key: str,
        change: Callable[[Mapping[str, Any]], Mapping[str, Any]],
        *,
        missing: Mapping[str, Any] | None = None,
    ) -> Mapping[str, Any]:
        """Replace a record by what `change` makes of it, however many others do so too; returns the new value.

        NotFound if there is none and no value for that is given.
        """
        for _ in range(_ATTEMPTS):
            try:
                found = self.store.get(collection, key)
                value, expected = found.value, found.revision
            except NotFound:
                if missing is None:
                    raise
                value, expected = missing, 0
            try:
                return self.store.put(collection, key, change(value), expected=expected).value
            except (Conflict, AlreadyExists):
                continue
        raise Conflict(f"{key!r} keeps changing", hint="try again")
