"""Webhooks over HTTP."""

from __future__ import annotations

from typing import cast

from windlass.services.identity import new_run_id, now_ms
from windlass.wire import webhook as wire
from windlass_server.endpoint import Endpoints, answer_page
from windlass_server.webhooks.announced import sample
from windlass_server.webhooks.announcer import Announcer
from windlass_server.webhooks.event import EventKind
from windlass_server.webhooks.webhook import ACTIVE

webhooks = Endpoints("webhooks")


@webhooks.add
def create_webhook(announcer: Announcer, request: wire.CreateWebhook) -> wire.WebhookAnswer:
    """Make a webhook."""
    made = announcer.webhooks.create(
        request.name,
        request.url,
        _kinds(request.events),
        description=request.description or "",
        secret=request.secret or None,
        status=request.status or ACTIVE,
    )
    return {"webhook": made.as_json()}


@webhooks.add
def list_webhooks(announcer: Announcer, request: wire.ListWebhooks) -> wire.WebhooksAnswer:
    """The webhooks."""
    page = announcer.webhooks.page(request.max_results, request.page_token)
    return cast(wire.WebhooksAnswer, answer_page("webhooks", page, lambda one: one.as_json()))


@webhooks.add
def get_webhook(announcer: Announcer, request: wire.GetWebhook) -> wire.WebhookAnswer:
    """The webhook of an id."""
    return {"webhook": announcer.webhooks.get(request.webhook_id).as_json()}


@webhooks.add
def update_webhook(announcer: Announcer, request: wire.UpdateWebhook) -> wire.WebhookAnswer:
    """Change what is given."""
    changed = announcer.webhooks.update(
        request.webhook_id,
        name=request.name,
        description=request.description,
        url=request.url,
        events=tuple(_kinds(request.events)),
        secret=request.secret or None,
        status=request.status,
    )
    return {"webhook": changed.as_json()}


@webhooks.add
def delete_webhook(announcer: Announcer, request: wire.DeleteWebhook) -> None:
    """Remove a webhook."""
    announcer.webhooks.delete(request.webhook_id)


@webhooks.add
def test_webhook(announcer: Announcer, request: wire.TestWebhook) -> wire.WebhookTestAnswer:
    """Send a sample event now, and tell how that went."""
    webhook = announcer.webhooks.get(request.webhook_id)
    kind = _kinds([request.event])[0] if request.event else webhook.events[0]
    outcome = announcer.sender.send(
        webhook.url,
        sample(kind),
        delivery_id=new_run_id(),
        timestamp=now_ms(),
        secret=announcer.webhooks.secret_of(webhook),
    )
    result: wire.WebhookTestJson = {"success": outcome.ok}
    if outcome.status is not None:
        result |= {"response_status": outcome.status, "response_body": outcome.body}
    if outcome.error:
        result["error_message"] = outcome.error
    return {"result": result}


@webhooks.add
def list_deliveries(announcer: Announcer, request: wire.ListDeliveries) -> wire.DeliveriesAnswer:
    """What was and is to be delivered to a webhook."""
    announcer.webhooks.get(request.webhook_id)
    page = announcer.queue.log(request.webhook_id, request.max_results, request.page_token)
    return cast(wire.DeliveriesAnswer, answer_page("deliveries", page, lambda one: one.as_json()))


def _kinds(events: object) -> list[EventKind]:
    return [EventKind.parse(one.entity, one.action) for one in cast("list[wire.WebhookEventMessage]", events)]
