"""Webhook: who wants to know what, and where to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from windlass.wire.webhook import WebhookJson
from windlass_server.webhooks.event import EventKind

ACTIVE, DISABLED = "ACTIVE", "DISABLED"
COLLECTION = "webhooks"
"""Where webhooks are kept as records."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Who wants to know what: `secret` signs what is sent, and is None where nothing is signed. Times are epoch ms."""

    webhook_id: str
    name: str
    url: str
    events: tuple[EventKind, ...]
    description: str = ""
    secret: str | None = None
    status: str = ACTIVE
    created: int = 0
    updated: int = 0

    def wants(self, kind: EventKind) -> bool:
        """Whether it is to be told of such an event."""
        return self.status == ACTIVE and kind in self.events

    def as_record(self) -> dict[str, Any]:
        """The value of its record."""
        return {
            "name": self.name,
            "url": self.url,
            "events": [str(one) for one in self.events],
            "description": self.description,
            "secret": self.secret,
            "status": self.status,
            "created": self.created,
            "updated": self.updated,
        }

    @classmethod
    def from_record(cls, webhook_id: str, value: Mapping[str, Any]) -> Webhook:
        """The webhook behind its record."""
        events = tuple(EventKind(*str(one).split(".")) for one in value["events"])
        return cls(**{**value, "webhook_id": webhook_id, "events": events})

    def as_json(self) -> WebhookJson:
        """What the API tells of it: all but the secret."""
        return {
            "webhook_id": self.webhook_id,
            "name": self.name,
            "description": self.description,
            "url": self.url,
            "events": [{"entity": one.entity.upper(), "action": one.action.upper()} for one in self.events],
            "status": self.status,
            "creation_timestamp": self.created,
            "last_updated_timestamp": self.updated,
        }
