"""Lease: a task that only one of several processes does at a time."""

from __future__ import annotations

import secrets
from typing import Any

from windlass.entities import Record
from windlass.errors import AlreadyExists, Conflict, NotFound
from windlass.interfaces import RecordStore
from windlass.services.identity import now_ms

_COLLECTION = "leases"


class Lease:
    """The right to do a task, kept in a record; it ends by itself if its holder dies.

    It holds for `seconds` from the last `renew`, by the clocks of the machines, which should not differ by more than a
    part of that.
    """

    def __init__(self, records: RecordStore, name: str, *, seconds: int) -> None:
        self._records = records
        self._name = name
        self._length = seconds * 1000
        self._holder = secrets.token_hex(8)
        self._held: Record | None = None

    def take(self, *, every: int = 0) -> bool:
        """Take it if nobody holds it, and if the task was not done in the last `every` seconds."""
        found = self._find()
        value: dict[str, Any] = dict(found.value) if found else {}
        now, done = now_ms(), int(value.get("done", 0))
        if int(value.get("until", 0)) > now or done + every * 1000 > now:
            return False
        try:
            self._put(found.revision if found else 0, until=now + self._length, done=done)
        except (AlreadyExists, Conflict):
            return False
        return True

    def renew(self) -> None:
        """Hold it on; Conflict if somebody else has it by now."""
        held = self._checked()
        until = int(held.value["until"])
        if until - now_ms() < self._length * 2 // 3:
            self._put(held.revision, until=now_ms() + self._length, done=int(held.value["done"]))

    def finish(self) -> None:
        """Give it back: the task is done."""
        self._put(self._checked().revision, until=0, done=now_ms())
        self._held = None

    def release(self) -> None:
        """Give it back before the task is done; nothing happens if somebody else has it by now."""
        if self._held is None:
            return
        held, self._held = self._held, None
        try:
            self._records.put(_COLLECTION, self._name, {**held.value, "until": 0}, expected=held.revision)
        except Conflict:
            return

    def _find(self) -> Record | None:
        try:
            return self._records.get(_COLLECTION, self._name)
        except NotFound:
            return None

    def _checked(self) -> Record:
        if self._held is None:
            raise Conflict(f"the lease {self._name!r} is not held")
        return self._held

    def _put(self, revision: int, *, until: int, done: int) -> None:
        value = {"holder": self._holder, "until": until, "done": done}
        self._held = self._records.put(_COLLECTION, self._name, value, expected=revision)
