"""Webhooks on the wire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypedDict

from windlass.wire.message import WINDLASS, Id, Message, message


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEventMessage:
    """What a webhook waits for, such as MODEL_VERSION CREATED; in any case."""

    entity: str
    action: str


class WebhookEventJson(TypedDict):
    """What a webhook waits for."""

    entity: str
    action: str


class WebhookJson(TypedDict, total=False):
    """A webhook; its secret is never told."""

    webhook_id: str
    name: str
    description: str
    url: str
    events: list[WebhookEventJson]
    status: str
    creation_timestamp: int
    last_updated_timestamp: int


class WebhookAnswer(TypedDict):
    """One webhook."""

    webhook: WebhookJson


class WebhooksAnswer(TypedDict, total=False):
    """A page of webhooks."""

    webhooks: list[WebhookJson]
    next_page_token: str


class WebhookTestJson(TypedDict, total=False):
    """How a trial delivery went."""

    success: bool
    response_status: int
    response_body: str
    error_message: str


class WebhookTestAnswer(TypedDict):
    """How a trial delivery went."""

    result: WebhookTestJson


class DeliveryJson(TypedDict, total=False):
    """A delivery: `state` is pending, delivered or failed, and the last fields tell of the last attempt."""

    delivery_id: str
    webhook_id: str
    entity: str
    action: str
    data: dict[str, Any]
    timestamp: int
    state: str
    attempts: int
    next_attempt: int
    response_status: int
    response_body: str
    error: str


class DeliveriesAnswer(TypedDict, total=False):
    """A page of deliveries, the newest first."""

    deliveries: list[DeliveryJson]
    next_page_token: str


@message("POST", "/webhooks", idempotent=False)
class CreateWebhook(Message):
    """Makes a webhook."""

    name: str
    url: str
    events: tuple[WebhookEventMessage, ...]
    description: str | None = None
    secret: str | None = None
    status: str | None = None


@message("GET", "/webhooks")
class ListWebhooks(Message):
    """Asks for the webhooks, in the order in which they were made."""

    max_results: int = 100
    page_token: str | None = None


@message("GET", "/webhooks/{webhook_id}")
class GetWebhook(Message):
    """Asks for a webhook."""

    webhook_id: Id


@message("PATCH", "/webhooks/{webhook_id}")
class UpdateWebhook(Message):
    """Changes what is given of a webhook."""

    webhook_id: Id
    name: str | None = None
    description: str | None = None
    url: str | None = None
    events: tuple[WebhookEventMessage, ...] = ()
    secret: str | None = None
    status: str | None = None


@message("DELETE", "/webhooks/{webhook_id}")
class DeleteWebhook(Message):
    """Removes a webhook with what waits to be delivered to it."""

    webhook_id: Id


@message("POST", "/webhooks/{webhook_id}/test", idempotent=False)
class TestWebhook(Message):
    """Sends a sample event, the webhook's first without one, and tells how that went."""

    webhook_id: Id
    event: WebhookEventMessage | None = None


@message("GET", "/webhooks/{webhook_id}/deliveries", family=WINDLASS)
class ListDeliveries(Message):
    """Asks for what was delivered to a webhook and what waits to be, the newest first."""

    webhook_id: Id
    max_results: int = 100
    page_token: str | None = None
