"""DeliveryQueue: what is to be delivered, and what became of it; both outlive the server.

A waiting delivery is a record whose key begins with the time when it is due, so that the first records are the next
ones. Several processes share the queue: one that takes a delivery notes until when, and another may take it after that.
So everything is delivered at least once; a receiver tells repetitions by the delivery's id.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, cast

from windlass.entities import Page, Record
from windlass.errors import AlreadyExists, Conflict, InvalidValue, NotFound
from windlass.interfaces import RecordStore
from windlass.services.identity import new_run_id, now_ms
from windlass.wire.webhook import DeliveryJson
from windlass_server.webhooks.event import Event, EventKind
from windlass_server.webhooks.position import check_position

PENDING, DELIVERED, FAILED = "pending", "delivered", "failed"
_QUEUE, _LOG = "webhooks.queue", "webhooks.log"
_LEASE = 60_000
_KEPT = 1000
_LOOKED_AT = 100
_MAX_PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An event on its way to a webhook. Times are epoch ms; `result` tells of the last attempt."""

    delivery_id: str
    webhook_id: str
    entity: str
    action: str
    data: Mapping[str, Any]
    timestamp: int
    state: str = PENDING
    attempts: int = 0
    next_attempt: int = 0
    result: Mapping[str, Any] = field(default_factory=dict)

    @property
    def event(self) -> Event:
        """The event."""
        return Event(EventKind(self.entity, self.action), self.data)

    def as_record(self) -> dict[str, Any]:
        """The value of its record."""
        return {name: getattr(self, name) for name in self.__slots__} | {"data": dict(self.data)}

    def as_json(self) -> DeliveryJson:
        """What the API tells of it."""
        told = {name: value for name, value in self.as_record().items() if name != "result"} | dict(self.result)
        return cast(DeliveryJson, told)


@dataclass(frozen=True, slots=True)
class Taken:
    """A delivery that this process has taken, and the record that it comes from."""

    delivery: Delivery
    record: Record


class DeliveryQueue:
    """The queue and the log in a record store."""

    def __init__(self, records: RecordStore) -> None:
        self._records = records
        self._finished = 0

    def add(self, webhook_id: str, event: Event) -> None:
        """Put an event into the queue; it is durable when this returns."""
        now = now_ms()
        delivery = Delivery(
            delivery_id=new_run_id(),
            webhook_id=webhook_id,
            entity=event.kind.entity,
            action=event.kind.action,
            data=event.data,
            timestamp=now,
            next_attempt=now,
        )
        self._records.put(_QUEUE, _due(delivery), delivery.as_record(), expected=0)
        # Another process may have delivered it by now, and noted that.
        with suppress(AlreadyExists):
            self._records.put(_LOG, _logged(delivery), delivery.as_record(), expected=0)

    def take(self, limit: int) -> list[Taken]:
        """Take at most so many deliveries that are due."""
        now = now_ms()
        taken: list[Taken] = []
        for record in self._records.list(_QUEUE, max_results=_LOOKED_AT):
            if len(taken) == limit or int(record.key.partition("/")[0]) > now:
                break
            if int(record.value.get("taken_until", 0)) > now:
                continue
            try:
                value = {**record.value, "taken_until": now + _LEASE}
                mine = self._records.put(_QUEUE, record.key, value, expected=record.revision)
            except Conflict:
                continue
            fields = {name: one for name, one in mine.value.items() if name != "taken_until"}
            taken.append(Taken(Delivery(**fields), mine))
        return taken

    def finish(self, taken: Taken, state: str, result: Mapping[str, Any]) -> None:
        """Take a delivery out of the queue: it has arrived, or it never will."""
        self._note(replace(taken.delivery, state=state, attempts=taken.delivery.attempts + 1, result=result))
        self._records.delete(_QUEUE, taken.record.key)
        self._finished += 1
        if self._finished % 50 == 0:
            self._trim(taken.delivery.webhook_id)

    def postpone(self, taken: Taken, milliseconds: int, result: Mapping[str, Any]) -> None:
        """Let a delivery wait for another attempt."""
        later = replace(
            taken.delivery,
            attempts=taken.delivery.attempts + 1,
            next_attempt=now_ms() + milliseconds,
            result=result,
        )
        # First the note, which whoever takes it next goes on from, then the new record: a process that dies in between
        # leaves a repetition, not a gap.
        self._note(later)
        self._records.put(_QUEUE, _due(later), later.as_record())
        self._records.delete(_QUEUE, taken.record.key)

    def drop(self, taken: Taken) -> None:
        """Forget a delivery whose webhook is gone, with all that was logged about it."""
        self._records.delete(_QUEUE, taken.record.key)
        self._records.delete(_LOG, _logged(taken.delivery))

    def log(self, webhook_id: str, max_results: int, page_token: str | None) -> Page[Delivery]:
        """Some of what was and is to be delivered to a webhook, the newest first; the last thousand are kept."""
        if not 1 <= max_results <= _MAX_PAGE:
            raise InvalidValue("max_results", max_results, "is out of range", limit=f"1 … {_MAX_PAGE}")
        prefix = f"{webhook_id}/"
        position = check_position(page_token)
        after = prefix + position if position else ""
        found = self._records.list(_LOG, prefix=prefix, after=after, max_results=max_results + 1, descending=True)
        shown = [Delivery(**one.value) for one in found[:max_results]]
        return Page(shown, shown[-1].delivery_id if len(found) > max_results else None)

    def _note(self, delivery: Delivery) -> None:
        self._records.put(_LOG, _logged(delivery), delivery.as_record())

    def _trim(self, webhook_id: str) -> None:
        prefix = f"{webhook_id}/"
        found = self._records.list(_LOG, prefix=prefix, max_results=_KEPT + 200, descending=True)
        for record in found[_KEPT:]:
            if record.value["state"] != PENDING:
                try:
                    self._records.delete(_LOG, record.key, expected=record.revision)
                except (Conflict, NotFound):
                    continue


def _due(delivery: Delivery) -> str:
    return f"{delivery.next_attempt:015d}/{delivery.delivery_id}"


def _logged(delivery: Delivery) -> str:
    return f"{delivery.webhook_id}/{delivery.delivery_id}"
