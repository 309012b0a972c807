"""The log of deployments of a server with accounts."""

from __future__ import annotations

import pytest

BEGIN, END = "/deployments/begin-change", "/deployments/end-change"


def begin(client, *, name="one", uri="", **more):
    body = {"target": "ray:/x", "name": name, "action": "CREATE", "resolved_uri": uri, "model_uri": uri, **more}
    return client.ask("POST", BEGIN, body, "/api/windlass/v1")


@pytest.fixture
def owned(closed):
    """Somebody with a registered model, and the URI of its version."""
    alice = closed.hire()
    name, run_id = alice.model(), alice.run(alice.experiment())
    source = f"runs:/{run_id}/m"
    alice.do("POST", "/model-versions/create", {"name": name, "source": source, "run_id": run_id})
    return alice, name, f"models:/{name}/1"


def test_the_server_says_who_did_it(owned):
    alice, _, uri = owned
    made = begin(alice, name=uri, uri=uri, user="somebody else").json["change"]
    assert (made["user"], made["number"], made["state"]) == (alice.username, 1, "STARTED")


def test_whoever_may_not_read_a_model_neither_logs_nor_sees_its_deployments(closed, owned):
    alice, name, uri = owned
    bob = closed.hire()
    assert begin(alice, name=uri, uri=uri).status == 200
    assert begin(bob, name=uri, uri=uri).status == 403
    here = {"target": "ray:/x", "name": uri}
    assert bob.ours("GET", "/deployments/changes", here)["changes"] == []
    assert uri not in [one["name"] for one in bob.ours("GET", "/deployments/list")["changes"]]
    closed.grant(bob, "registered_model", name, "READ")
    assert [one["user"] for one in bob.ours("GET", "/deployments/changes", here)["changes"]] == [alice.username]
    assert begin(bob, name=uri, uri=uri).status == 200


def test_only_who_began_a_change_ends_it(closed, owned):
    alice, name, uri = owned
    bob = closed.hire()
    closed.grant(bob, "registered_model", name, "READ")
    begin(alice, name=uri, uri=uri)
    end = {"target": "ray:/x", "name": uri, "number": 1, "state": "DONE", "url": "http://there"}
    assert bob.status("POST", END, end, "/api/windlass/v1") == 404
    assert alice.status("POST", END, end | {"state": "PERHAPS"}, "/api/windlass/v1") == 400
    assert alice.ours("POST", END, end)["change"]["state"] == "DONE"
    assert alice.ours("POST", END, end | {"state": "FAILED"})["change"]["state"] == "DONE"
    assert alice.status("POST", END, end | {"number": 7}, "/api/windlass/v1") == 404


def test_changes_are_in_the_audit_log(closed, owned):
    alice, _, uri = owned
    begin(alice, name=uri, uri=uri)
    found = closed.admin.ours("GET", "/audit/search", {"max_results": 20})
    assert any(uri in str(one) and alice.username in str(one) for one in found["entries"])
