"""Webhooks: the webhooks there are, and what is delivered to them, kept as records."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from windlass.entities import Page
from windlass.errors import Conflict, InvalidValue, NotFound
from windlass.interfaces import RecordStore
from windlass.services.identity import new_run_id, now_ms
from windlass.services.limits import check_text
from windlass_server.webhooks.addresses import Addresses
from windlass_server.webhooks.event import EventKind
from windlass_server.webhooks.position import check_position
from windlass_server.webhooks.seal import Seal
from windlass_server.webhooks.webhook import ACTIVE, COLLECTION, DISABLED, Webhook

_NAME = re.compile(r"[A-Za-z0-9._-]{1,63}")
_MAX_DESCRIPTION, _MAX_SECRET, _MAX_PAGE = 5000, 500, 1000
_FRESH = 2.0
_ATTEMPTS = 5


class Webhooks:
    """The webhooks of a record store. What others change is seen within two seconds."""

    def __init__(self, records: RecordStore, addresses: Addresses, seal: Seal) -> None:
        self._records = records
        self._addresses = addresses
        self._seal = seal
        self._known: tuple[float, list[Webhook]] = (0.0, [])

    def create(
        self, name: str, url: str, events: Iterable[EventKind], *, description: str = "", secret: str | None = None,
        status: str = ACTIVE,
    ) -> Webhook:  # fmt: skip
        """Make a webhook; InvalidValue if it could not be told anything."""
        now = now_ms()
        made = Webhook(
            webhook_id=new_run_id(),
            name=_check_name(name),
            url=self._addresses.check_url(url),
            events=_check_events(events),
            description=check_text("description", description, _MAX_DESCRIPTION),
            secret=self._sealed(secret),
            status=_check_status(status),
            created=now,
            updated=now,
        )
        self._records.put(COLLECTION, made.webhook_id, made.as_record(), expected=0)
        self._forget()
        return made

    def get(self, webhook_id: str) -> Webhook:
        """The webhook; NotFound if there is none."""
        try:
            return Webhook.from_record(webhook_id, self._records.get(COLLECTION, webhook_id).value)
        except NotFound:
            raise NotFound(f"there is no webhook {webhook_id!r}") from None

    def page(self, max_results: int, page_token: str | None) -> Page[Webhook]:
        """Some of the webhooks in the order in which they were made."""
        if not 1 <= max_results <= _MAX_PAGE:
            raise InvalidValue("max_results", max_results, "is out of range", limit=f"1 … {_MAX_PAGE}")
        found = self._records.list(COLLECTION, after=check_position(page_token), max_results=max_results + 1)
        shown = [Webhook.from_record(one.key, one.value) for one in found[:max_results]]
        return Page(shown, shown[-1].webhook_id if len(found) > max_results else None)

    def update(self, webhook_id: str, **changes: Any) -> Webhook:
        """Change what is given and not None: name, url, events, description, secret or status."""
        given = {name: value for name, value in changes.items() if value is not None and value != ()}
        checks: dict[str, Callable[[Any], Any]] = {
            "name": _check_name,
            "url": self._addresses.check_url,
            "events": _check_events,
            "description": lambda text: check_text("description", text, _MAX_DESCRIPTION),
            "secret": self._sealed,
            "status": _check_status,
        }
        checked = {name: checks[name](value) for name, value in given.items()}
        for attempt in range(_ATTEMPTS):
            old = self.get(webhook_id)
            revision = self._records.get(COLLECTION, webhook_id).revision
            changed = replace(old, **checked, updated=max(now_ms(), old.updated + 1))
            try:
                self._records.put(COLLECTION, webhook_id, changed.as_record(), expected=revision)
            except Conflict:
                if attempt == _ATTEMPTS - 1:
                    raise
                continue
            break
        self._forget()
        return changed

    def delete(self, webhook_id: str) -> None:
        """Remove the webhook; what waits to be delivered to it is dropped when its turn comes."""
        self.get(webhook_id)
        self._records.delete(COLLECTION, webhook_id)
        self._forget()

    def that_want(self, kind: EventKind) -> list[Webhook]:
        """The webhooks that are to be told of such an event."""
        read, known = self._known
        if time.monotonic() - read > _FRESH:
            known = [Webhook.from_record(one.key, one.value) for one in self._records.list(COLLECTION)]
            self._known = (time.monotonic(), known)
        return [one for one in known if one.wants(kind)]

    def secret_of(self, webhook: Webhook) -> str | None:
        """What signs its deliveries."""
        return None if webhook.secret is None else self._seal.open(webhook.secret)

    def _sealed(self, secret: str | None) -> str | None:
        return self._seal.close(check_text("secret", secret, _MAX_SECRET)) if secret else None

    def _forget(self) -> None:
        self._known = (0.0, [])


def _check_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise InvalidValue("name", name, "must be letters, digits, '.', '_' and '-'", limit="1 … 63 characters")
    return name


def _check_events(events: Iterable[EventKind]) -> tuple[EventKind, ...]:
    found = tuple(dict.fromkeys(events))
    if not found:
        raise InvalidValue("events", [], "must name at least one event")
    return found


def _check_status(status: str) -> str:
    if status.upper() not in {ACTIVE, DISABLED}:
        raise InvalidValue("status", status, "is not known", limit=f"{ACTIVE}, {DISABLED}")
    return status.upper()
