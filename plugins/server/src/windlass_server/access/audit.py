"""AuditLog: every change that was made, in an order that cannot be altered unseen.

Each entry holds the hash of the one before, so that a changed, removed or inserted entry breaks the chain; a record
beside the log names the last one, so that entries missing at its end show too. Several processes append to one log: the
number of an entry is its key, and only one of them can create it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from windlass.errors import AlreadyExists, Conflict, NotFound, Unavailable
from windlass.interfaces import RecordStore

_LOG, _HEAD, _HEAD_KEY = "audit.log", "audit.head", "head"
_PAGE = 500
_ATTEMPTS = 200
_START = "0" * 64
"""What the first entry holds as the hash of the one before."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as it is kept: `text` is the JSON that was written, byte for byte."""

    number: int
    text: str
    hash: str

    @property
    def fields(self) -> dict[str, Any]:
        """What the entry says."""
        found: dict[str, Any] = json.loads(self.text)
        return found

    @property
    def previous(self) -> str:
        """The hash of the entry before, as this one says."""
        return str(self.fields.get("previous"))


class AuditLog:
    """The audit log in a record store."""

    def __init__(self, store: RecordStore) -> None:
        self._store = store
        self._lock = Lock()
        self._last: tuple[int, str] | None = None

    def check(self) -> None:
        """Raise what keeps an entry from being written, before the change that it would be about."""
        self._head()

    def append(self, fields: Mapping[str, Any]) -> Entry:
        """Write an entry; it is durable when this returns. Unavailable if that is not possible."""
        with self._lock:
            for _ in range(_ATTEMPTS):
                number, previous = self._last or self._find_last()
                entry = _entry(number + 1, previous, fields)
                if self._write(entry):
                    self._last = (entry.number, entry.hash)
                    self._point_to(entry)
                    return entry
                self._last = None
        raise Unavailable("the audit log is too busy to be written", retry_after=1)

    def newest(self, before: int | None = None) -> Iterator[Entry]:
        """The entries from the newest to the oldest, or from the one before a number."""
        after = "" if before is None else _key(before)
        while page := self._store.list(_LOG, after=after, max_results=_PAGE, descending=True):
            yield from (_read(one.key, one.value) for one in page)
            after = page[-1].key

    def oldest(self) -> Iterator[Entry]:
        """The entries from the oldest to the newest."""
        after = ""
        while page := self._store.list(_LOG, after=after, max_results=_PAGE):
            yield from (_read(one.key, one.value) for one in page)
            after = page[-1].key

    def head(self) -> tuple[int, str]:
        """The number and the hash of the last entry, as the record beside the log says."""
        return self._head()[0]

    def _write(self, entry: Entry) -> bool:
        """Keep an entry; False if another process took its number."""
        value = {"text": entry.text, "hash": entry.hash}
        try:
            self._store.put(_LOG, _key(entry.number), value, expected=0)
        except AlreadyExists:
            # Perhaps it was us: a connection that broke after the write does not say so.
            return bool(self._store.get(_LOG, _key(entry.number)).value["hash"] == entry.hash)
        return True

    def _find_last(self) -> tuple[int, str]:
        found = self._store.list(_LOG, max_results=1, descending=True)
        last = _read(found[0].key, found[0].value) if found else Entry(0, "{}", _START)
        number, hashed = self.head()
        # Where the end was cut off, the numbers go on behind it: the gap stays to be seen.
        return (number, hashed) if number > last.number else (last.number, last.hash)

    def _head(self) -> tuple[tuple[int, str], int]:
        try:
            found = self._store.get(_HEAD, _HEAD_KEY)
        except NotFound:
            return (0, _START), 0
        return (int(found.value["number"]), str(found.value["hash"])), found.revision

    def _point_to(self, entry: Entry) -> None:
        """Let the record beside the log name the entry, unless it names a later one by now."""
        for _ in range(_ATTEMPTS):
            (number, _), revision = self._head()
            if number >= entry.number:
                return
            try:
                self._store.put(_HEAD, _HEAD_KEY, {"number": entry.number, "hash": entry.hash}, expected=revision)
            except (Conflict, AlreadyExists):
                continue
            return


def problems(log: AuditLog) -> tuple[int, str, list[str]]:
    """How many entries there are, the hash of the last one, and where the chain is broken."""
    head_number, head_hash = log.head()
    found: list[str] = []
    count, number, previous = 0, 0, _START
    for entry in log.oldest():
        count += 1
        if entry.number != number + 1:
            found.append(f"entries {number + 1} to {entry.number - 1} are missing")
        elif entry.previous != previous:
            found.append(f"entry {entry.number} does not follow entry {number}")
        if _hash(entry.text) != entry.hash:
            found.append(f"entry {entry.number} was changed")
        if entry.number == head_number and entry.hash != head_hash:
            found.append(f"entry {entry.number} was replaced")
        number, previous = entry.number, entry.hash
    if number < head_number:
        found.append(f"entries {number + 1} to {head_number} are missing at the end")
    return count, previous, found


def _entry(number: int, previous: str, fields: Mapping[str, Any]) -> Entry:
    content = {"number": number, "previous": previous, **fields}
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return Entry(number, text, _hash(text))


def _read(key: str, value: Mapping[str, Any]) -> Entry:
    return Entry(int(key), str(value["text"]), str(value["hash"]))


def _key(number: int) -> str:
    return f"{number:016d}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
