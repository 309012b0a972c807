"""Announcer: puts what happened through the API into the queue of those who want to know."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from typing import Any

from windlass.config import Settings
from windlass.errors import WindlassError
from windlass.interfaces import RecordStore
from windlass.wire.message import Message
from windlass_server.endpoint import Gate
from windlass_server.webhooks.addresses import Addresses
from windlass_server.webhooks.announced import event_of, tells
from windlass_server.webhooks.courier import Courier
from windlass_server.webhooks.event import Event
from windlass_server.webhooks.queue import DeliveryQueue
from windlass_server.webhooks.seal import Seal
from windlass_server.webhooks.sender import Sender
from windlass_server.webhooks.webhooks import Webhooks

_MOST_LATE = 10_000
_log = logging.getLogger(__name__)


class Announcer:
    """The webhooks of a server, its queue, and the courier who empties it."""

    def __init__(self, records: RecordStore, settings: Settings) -> None:
        addresses = Addresses(settings.webhook_allowed_hosts)
        self.sender = Sender(addresses)
        self.webhooks = Webhooks(records, addresses, Seal(settings.webhook_secret_key))
        self.queue = DeliveryQueue(records)
        self._late: deque[Event] = deque(maxlen=_MOST_LATE)
        self._courier = Courier(self.webhooks, self.queue, self.sender, self._catch_up)

    def announce(self, event: Event) -> None:
        """Queue the event for those who want it; the change that it is about stands, whatever happens here.

        While the queue cannot be written the last thousands of events are held in memory.
        """
        try:
            self._queue_up(event)
        except WindlassError as error:
            _log.warning("webhooks are told of %s later: %s", event.kind, error.message)
            self._late.append(event)

    def _queue_up(self, event: Event) -> None:
        wanted = self.webhooks.that_want(event.kind)
        for webhook in wanted:
            self.queue.add(webhook.webhook_id, event)
        if wanted:
            self._courier.wake()

    def _catch_up(self) -> None:
        """Queue what could not be queued when it happened; called by the courier, one at a time."""
        while self._late:
            self._queue_up(self._late[0])
            self._late.popleft()

    def close(self) -> None:
        """Stop delivering; what waits stays in the queue."""
        self._courier.close()


class AnnouncingGate:
    """A gate that announces what went through it."""

    def __init__(self, gate: Gate, announcer: Announcer) -> None:
        self._gate = gate
        self._announcer = announcer

    def answer(self, function: Callable[[Any, Any], Any], target: Any, message: Message) -> Any:
        """What the function answers, once everybody who wants to know will."""
        answer = self._gate.answer(function, target, message)
        if tells(type(message)) and (event := event_of(message, answer)) is not None:
            self._announcer.announce(event)
        return answer
