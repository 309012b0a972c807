"""Courier: takes deliveries from the queue and sends them, in threads of its own."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from windlass.errors import NotFound, WindlassError
from windlass_server.webhooks.queue import DELIVERED, FAILED, DeliveryQueue, Taken
from windlass_server.webhooks.sender import Outcome, Sender
from windlass_server.webhooks.webhook import DISABLED
from windlass_server.webhooks.webhooks import Webhooks

_log = logging.getLogger(__name__)
PAUSES = (10, 30, 120, 600, 3600, 3 * 3600, 6 * 3600, 12 * 3600)
"""Seconds before each further attempt: nine in all, within a day."""
_LONGEST_WISH = 3600
_AT_ONCE = 4
_POLL = 2.0


class Courier:
    """Delivers until it is closed; `wake` tells it that there is something new.

    `first` is called before it looks into the queue, every now and then.
    """

    def __init__(self, webhooks: Webhooks, queue: DeliveryQueue, sender: Sender, first: Callable[[], None]) -> None:
        self._webhooks = webhooks
        self._queue = queue
        self._sender = sender
        self._first = first
        self._closing = False
        self._waking = threading.Event()
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="windlass-webhook")
        self._thread = threading.Thread(target=self._run, name="windlass-webhooks", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Something new is in the queue."""
        self._waking.set()

    def close(self) -> None:
        """Finish what is being sent and stop; the rest stays in the queue."""
        self._closing = True
        self._waking.set()
        self._thread.join()
        self._pool.shutdown()
        self._sender.close()

    def _run(self) -> None:
        while not self._closing:
            self._waking.clear()
            try:
                self._first()
                taken = self._queue.take(_AT_ONCE)
                list(self._pool.map(self._deliver, taken))
            except WindlassError as error:
                _log.warning("webhooks wait: %s", error.message)
                taken = []
            if not taken:
                self._waking.wait(_POLL)

    def _deliver(self, taken: Taken) -> None:
        delivery = taken.delivery
        try:
            webhook = self._webhooks.get(delivery.webhook_id)
        except NotFound:
            self._queue.drop(taken)
            return
        if webhook.status == DISABLED:
            self._queue.finish(taken, FAILED, {"error": "the webhook was disabled"})
            return
        try:
            secret = self._webhooks.secret_of(webhook)
        except WindlassError as error:
            self._queue.finish(taken, FAILED, {"error": error.message})
            return
        outcome = self._sender.send(
            webhook.url, delivery.event, delivery_id=delivery.delivery_id, timestamp=delivery.timestamp, secret=secret
        )
        self._settle(taken, outcome)

    def _settle(self, taken: Taken, outcome: Outcome) -> None:
        result = told(outcome)
        attempts = taken.delivery.attempts
        if outcome.ok:
            self._queue.finish(taken, DELIVERED, result)
        elif outcome.may_help_to_retry and attempts < len(PAUSES):
            wish = min(outcome.retry_after or 0, _LONGEST_WISH)
            # Spread out, so that what failed together does not come back together.
            seconds = max(PAUSES[attempts] * random.uniform(0.8, 1.2), wish)  # noqa: S311  no secret
            self._queue.postpone(taken, int(seconds * 1000), result)
        else:
            _log.warning("a delivery to webhook %s was given up: %s", taken.delivery.webhook_id, result)
            self._queue.finish(taken, FAILED, result)


def told(outcome: Outcome) -> dict[str, Any]:
    """What the log tells of an attempt."""
    fields = {"response_status": outcome.status, "response_body": outcome.body, "error": outcome.error}
    return {name: value for name, value in fields.items() if value not in {None, ""}}
