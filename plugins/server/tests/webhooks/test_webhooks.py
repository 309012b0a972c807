from __future__ import annotations

import base64
import hashlib
import hmac

import pytest

from windlass.errors import Unavailable
from windlass_server.webhooks import courier
from windlass_server.webhooks.event import KINDS
from windlass_server.webhooks.queue import DeliveryQueue

EVERYTHING = [{"entity": entity, "action": action} for entity, actions in KINDS.items() for action in actions]
OURS = "/api/windlass/v1"


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """Attempts follow each other within a tenth of a second."""
    monkeypatch.setattr(courier, "PAUSES", (0.05,) * 3)
    monkeypatch.setattr(courier, "_POLL", 0.05)


def hook(api, receiver, events=EVERYTHING, **fields):
    """The id of a new webhook."""
    body = {"name": "hook", "url": receiver.url, "events": events, **fields}
    return api.do("POST", "/webhooks", body)["webhook"]["webhook_id"]


def deliveries(api, webhook_id, **query):
    answer = api.ask("GET", f"/webhooks/{webhook_id}/deliveries", query, prefix=OURS)
    assert answer.status == 200, answer.body
    return answer.json.get("deliveries", [])


def test_a_webhook_lives_through_its_life(api, receiver):
    given = {"name": "My.hook-1", "url": receiver.url, "description": "d", "secret": "s3cret"}
    events = [{"entity": "REGISTERED_MODEL", "action": "CREATED"}]
    made = api.do("POST", "/webhooks", {**given, "events": events})["webhook"]
    assert {name: made[name] for name in ("name", "url", "description", "events", "status")} == {
        "name": "My.hook-1",
        "url": receiver.url,
        "description": "d",
        "events": events,
        "status": "ACTIVE",
    }
    assert "secret" not in made
    place = f"/webhooks/{made['webhook_id']}"
    assert api.do("GET", place)["webhook"] == made
    changed = api.do("PATCH", place, {"status": "DISABLED", "name": "other"})["webhook"]
    assert (changed["status"], changed["name"], changed["events"]) == ("DISABLED", "other", events)
    assert changed["last_updated_timestamp"] > made["last_updated_timestamp"]
    assert [one["webhook_id"] for one in api.do("GET", "/webhooks")["webhooks"]] == [made["webhook_id"]]
    api.do("DELETE", place)
    assert api.ask("GET", place).status == 404
    assert api.do("GET", "/webhooks") == {}


def test_webhooks_come_in_pages(api, receiver):
    ids = [hook(api, receiver) for _ in range(3)]
    first = api.do("GET", "/webhooks", {"max_results": 2})
    second = api.do("GET", "/webhooks", {"max_results": 2, "page_token": first["next_page_token"]})
    assert [one["webhook_id"] for one in first["webhooks"] + second["webhooks"]] == ids
    assert "next_page_token" not in second
    assert api.ask("GET", "/webhooks", {"max_results": 0}).status == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "with space"},
        {"name": "x" * 64},
        {"url": "http://example.org/plain"},
        {"url": "https://user:pass@example.org/"},
        {"url": "ftp://example.org/"},
        {"url": "https://169.254.169.254/latest/meta-data"},
        {"url": "https://[::1]/"},
        {"url": "https://10.0.0.1/"},
        {"url": "https://[::ffff:10.0.0.1]/"},
        {"url": "nonsense"},
        {"events": []},
        {"events": [{"entity": "run", "action": "exploded"}]},
        {"events": [{"entity": "planet", "action": "created"}]},
        {"status": "MAYBE"},
    ],
    ids=str,
)
def test_what_could_not_be_told_is_refused(api, receiver, wrong):
    answer = api.ask("POST", "/webhooks", {"name": "n", "url": receiver.url, "events": EVERYTHING, **wrong})
    assert (answer.status, answer.json["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert api.do("GET", "/webhooks") == {}


def test_each_change_is_told_with_its_data(api, receiver):
    hook(api, receiver)
    experiment_id = api.do("POST", "/experiments/create", {"name": "e", "tags": [{"key": "k", "value": "v"}]})[
        "experiment_id"
    ]
    run_id = api.run(experiment_id, run_name="r")
    api.do("POST", "/runs/update", {"run_id": run_id, "end_time": 5})
    api.do("POST", "/runs/update", {"run_id": run_id, "status": "FINISHED", "end_time": 5})
    api.do("POST", "/runs/log-metric", {"run_id": run_id, "key": "m", "value": 1, "timestamp": 1})
    api.do("POST", "/registered-models/create", {"name": "m", "tags": [{"key": "k", "value": "v"}]})
    api.do("POST", "/model-versions/create", {"name": "m", "source": f"runs:/{run_id}/model", "run_id": run_id})
    api.do("POST", "/model-versions/set-tag", {"name": "m", "version": "1", "key": "k", "value": "v"})
    api.do("POST", "/registered-models/alias", {"name": "m", "alias": "champion", "version": "1"})
    api.do("POST", "/model-versions/transition-stage", {"name": "m", "version": "1", "stage": "Production"})
    api.do("DELETE", "/registered-models/alias", {"name": "m", "alias": "champion"})
    api.do("DELETE", "/model-versions/delete", {"name": "m", "version": "1"})
    api.do("POST", "/registered-models/rename", {"name": "m", "new_name": "n"})
    api.do("POST", "/experiments/delete", {"experiment_id": experiment_id})
    told = {f"{one.json['entity']}.{one.json['action']}": one.json["data"] for one in receiver.wait(12)}
    assert len(receiver.received) == len(told) == 12
    assert told["experiment.created"] == {"experiment_id": experiment_id, "name": "e", "tags": {"k": "v"}}
    assert told["run.created"]["tags"]["mlflow.runName"] == "r"
    assert (told["run.finished"]["run_id"], told["run.finished"]["status"]) == (run_id, "FINISHED")
    assert told["registered_model.created"] == {"name": "m", "tags": {"k": "v"}, "description": ""}
    version = {"name": "m", "version": "1", "source": f"runs:/{run_id}/model", "run_id": run_id, "description": ""}
    assert told["model_version.created"] == version | {"tags": {}}
    assert told["model_version.transitioned"] == version | {"tags": {"k": "v"}, "stage": "Production"}
    assert told["model_version_tag.set"] == {"name": "m", "version": "1", "key": "k", "value": "v"}
    assert told["model_version_alias.created"] == {"name": "m", "alias": "champion", "version": "1"}
    assert told["model_version_alias.deleted"] == {"name": "m", "alias": "champion"}
    assert told["model_version.deleted"] == {"name": "m", "version": "1"}
    assert told["registered_model.updated"]["old_name"] == "m"
    assert told["experiment.deleted"] == {"experiment_id": experiment_id}


def test_a_change_that_was_refused_is_not_told(api, receiver):
    webhook_id = hook(api, receiver)
    assert api.ask("POST", "/registered-models/create", {"name": "a/b"}).status == 400
    assert api.ask("POST", "/runs/delete", {"run_id": "0" * 32}).status == 404
    assert deliveries(api, webhook_id) == []


def test_deliveries_are_signed_and_told_apart(api, receiver):
    hook(api, receiver, secret="s3cret")
    for name in ("a", "b"):
        api.do("POST", "/registered-models/create", {"name": name})
    first, second = receiver.wait(2)
    for one in (first, second):
        signed = f"{one.headers['x-mlflow-delivery-id']}.{one.headers['x-mlflow-timestamp']}.".encode() + one.body
        expected = base64.b64encode(hmac.digest(b"s3cret", signed, hashlib.sha256)).decode()
        assert one.headers["x-mlflow-signature"] == f"v1,{expected}"
        assert one.json["timestamp"].endswith("+00:00")
    assert first.headers["x-mlflow-delivery-id"] != second.headers["x-mlflow-delivery-id"]


def test_what_does_not_arrive_is_sent_again_with_the_same_id(api, receiver, until):
    receiver.answers = [(500, {}), (429, {"retry-after": "0"})]
    webhook_id = hook(api, receiver)
    api.do("POST", "/registered-models/create", {"name": "a"})
    received = receiver.wait(3)
    assert len({one.headers["x-mlflow-delivery-id"] for one in received}) == 1
    assert len({one.body for one in received}) == 1
    until(lambda: deliveries(api, webhook_id)[0]["state"] == "delivered")
    (delivery,) = deliveries(api, webhook_id)
    assert (delivery["attempts"], delivery["response_status"], delivery["response_body"]) == (3, 200, "taken")


def test_what_never_arrives_is_given_up_and_logged(api, receiver, until):
    receiver.answers = [(503, {})] * 4
    webhook_id = hook(api, receiver)
    api.do("POST", "/registered-models/create", {"name": "a"})
    until(lambda: (found := deliveries(api, webhook_id)) and found[0]["state"] == "failed")
    assert deliveries(api, webhook_id)[0]["attempts"] == 4


@pytest.mark.parametrize("answer", [(400, {}), (404, {}), (302, {"location": "http://127.0.0.1:1/"})], ids=str)
def test_a_refusal_is_final_and_no_redirect_is_followed(api, receiver, until, answer):
    receiver.answers = [answer]
    webhook_id = hook(api, receiver)
    api.do("POST", "/registered-models/create", {"name": "a"})
    until(lambda: (found := deliveries(api, webhook_id)) and found[0]["state"] == "failed")
    assert deliveries(api, webhook_id)[0]["response_status"] == answer[0]
    assert len(receiver.received) == 1


def test_the_queue_outlives_the_server(start, receiver, monkeypatch, until):
    monkeypatch.setattr(courier, "PAUSES", (1.0,) * 3)
    receiver.answers = [(500, {})]
    server, api = start()
    webhook_id = hook(api, receiver, secret="s")
    api.do("POST", "/registered-models/create", {"name": "a"})
    receiver.wait(1)
    until(lambda: deliveries(api, webhook_id)[0]["attempts"] == 1)
    server.stop()
    assert len(receiver.received) == 1
    _, api = start()
    received = receiver.wait(2)
    assert received[0].headers["x-mlflow-signature"] == received[1].headers["x-mlflow-signature"]
    until(lambda: deliveries(api, webhook_id)[0]["state"] == "delivered")


def test_two_servers_deliver_everything_once(start, receiver, until):
    (_, one), (_, other) = start(), start()
    webhook_id = hook(one, receiver)
    # The other one has looked at what there is for the first time.
    until(lambda: webhook_id in str(other.do("GET", "/webhooks")))
    for number in range(20):
        (one, other)[number % 2].do("POST", "/registered-models/create", {"name": f"m{number}"})
    receiver.wait(20)
    until(lambda: all(found["state"] == "delivered" for found in deliveries(one, webhook_id)))
    assert len({received.headers["x-mlflow-delivery-id"] for received in receiver.received}) == 20
    assert len(receiver.received) == 20


def test_a_disabled_webhook_is_told_nothing(api, receiver):
    webhook_id = hook(api, receiver, status="DISABLED")
    api.do("POST", "/registered-models/create", {"name": "a"})
    assert deliveries(api, webhook_id) == []


def test_the_log_comes_in_pages_the_newest_first(api, receiver, until):
    webhook_id = hook(api, receiver)
    for number in range(3):
        api.do("POST", "/registered-models/create", {"name": f"m{number}"})
    first = api.ask("GET", f"/webhooks/{webhook_id}/deliveries", {"max_results": 2}, prefix=OURS).json
    second = deliveries(api, webhook_id, max_results=2, page_token=first["next_page_token"])
    assert [one["data"]["name"] for one in first["deliveries"] + second] == ["m2", "m1", "m0"]


def test_a_trial_tells_how_it_went(api, receiver):
    webhook_id = hook(api, receiver, [{"entity": "model_version", "action": "transitioned"}], secret="s")
    result = api.do("POST", f"/webhooks/{webhook_id}/test")["result"]
    assert result == {"success": True, "response_status": 200, "response_body": "taken"}
    assert receiver.received[0].json["action"] == "transitioned"
    assert "x-mlflow-signature" in receiver.received[0].headers
    receiver.answers = [(500, {})]
    event = {"entity": "RUN", "action": "FINISHED"}
    assert api.do("POST", f"/webhooks/{webhook_id}/test", {"event": event})["result"]["success"] is False
    receiver.close()
    failed = api.do("POST", f"/webhooks/{webhook_id}/test")["result"]
    assert failed["success"] is False
    assert "cannot be reached" in failed["error_message"]


def test_what_cannot_be_queued_at_once_is_told_later(api, receiver, monkeypatch):
    hook(api, receiver, [{"entity": "REGISTERED_MODEL", "action": "CREATED"}])
    add, full = DeliveryQueue.add, [True]

    def add_if_there_is_room(queue, *arguments):
        if full:
            raise Unavailable("the disk is full")
        add(queue, *arguments)

    monkeypatch.setattr(DeliveryQueue, "add", add_if_there_is_room)
    for name in ("first", "second"):
        api.do("POST", "/registered-models/create", {"name": name})
    assert not receiver.received
    full.clear()
    # Several are sent at once, so they may overtake each other.
    assert {one.json["data"]["name"] for one in receiver.wait(2)} == {"first", "second"}


def test_a_deployment_is_told_when_its_change_has_ended(api, receiver):
    hook(api, receiver)
    key = {"target": "local:here", "name": "one"}
    for action, state in (("CREATE", "DONE"), ("UPDATE", "ROLLED_BACK"), ("ROLLBACK", "DONE"), ("DELETE", "DONE")):
        begun = api.ask(
            "POST", "/deployments/begin-change", {**key, "action": action, "resolved_uri": "m"}, prefix=OURS
        )
        number = begun.json["change"]["number"]
        ended = {**key, "number": number, "state": state, "url": "http://there", "message": "why"}
        assert api.ask("POST", "/deployments/end-change", ended, prefix=OURS).status == 200
    told = [one.json for one in receiver.wait(4)]
    assert sorted(one["action"] for one in told) == ["created", "deleted", "failed", "updated"]
    (failed,) = [one["data"] for one in told if one["action"] == "failed"]
    assert (failed["name"], failed["change"], failed["message"]) == ("one", "UPDATE", "why")
