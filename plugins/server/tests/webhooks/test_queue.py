"""The queue of deliveries, between servers that share it."""

from __future__ import annotations

from windlass.builtin.memory_records import MemoryRecordStore
from windlass.config import Settings
from windlass.uri import Uri
from windlass_server.webhooks.event import Event, EventKind
from windlass_server.webhooks.queue import DELIVERED, DeliveryQueue

EVENT = Event(EventKind("registered_model", "created"), {"name": "m"})


class Eager:
    """Records whose queue somebody else looks into as soon as there is something in it."""

    def __init__(self, records):
        self._records, self._other = records, DeliveryQueue(records)

    def put(self, collection, key, value, **options):
        made = self._records.put(collection, key, value, **options)
        if collection == "webhooks.queue":
            for taken in self._other.take(10):
                self._other.finish(taken, DELIVERED, {})
        return made


def test_what_another_server_delivers_at_once_is_not_pending_afterwards():
    records = MemoryRecordStore.open(Uri.parse("memory://queue"), Settings())
    DeliveryQueue(Eager(records)).add("hook", EVENT)
    (found,) = DeliveryQueue(records).log("hook", 10, None)
    assert found.state == DELIVERED
