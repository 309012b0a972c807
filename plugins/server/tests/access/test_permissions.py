"""Who may do what, over HTTP."""

from __future__ import annotations

from importlib.metadata import entry_points

import pytest


def test_nobody_is_asked_to_sign_in(company):
    seen = company.nobody.ask("POST", "/experiments/search", {})
    assert seen.status == 401
    assert seen.headers["www-authenticate"] == 'Basic realm="mlflow"'
    assert seen.json["error_code"] == "UNAUTHENTICATED"


def test_health_and_server_info_need_no_account(company):
    for path in ("/health", "/ready", "/api/3.0/mlflow/server-info"):
        assert company.nobody.send("GET", path).status == 200


def test_whoever_makes_an_experiment_may_do_everything_with_it(closed):
    alice = closed.hire()
    experiment = alice.experiment()
    run = alice.run(experiment)
    values = {"run_id": run, "key": "m", "value": 1.0, "timestamp": 1}
    assert alice.status("POST", "/runs/log-metric", values) == 200
    assert alice.status("POST", "/runs/delete", {"run_id": run}) == 200
    assert alice.status("POST", "/experiments/delete", {"experiment_id": experiment}) == 200


def test_others_may_do_nothing_where_that_is_the_default(closed):
    alice, bob = closed.hire(), closed.hire()
    experiment = alice.experiment()
    run = alice.run(experiment)
    seen = bob.ask("GET", "/runs/get", {"run_id": run})
    assert (seen.status, seen.json["error_code"]) == (403, "PERMISSION_DENIED")
    assert "READ" in seen.json["message"]
    assert bob.status("POST", "/runs/create", {"experiment_id": experiment}) == 403
    assert bob.status("GET", "/experiments/get", {"experiment_id": experiment}) == 403


@pytest.mark.parametrize(
    ("permission", "reads", "edits", "manages"),
    [
        ("NO_PERMISSIONS", 403, 403, 403),
        ("DENY", 403, 403, 403),
        ("READ", 200, 403, 403),
        ("USE", 200, 403, 403),
        ("EDIT", 200, 200, 403),
        ("MANAGE", 200, 200, 200),
    ],
)
def test_each_permission_includes_those_below_it(company, permission, reads, edits, manages):
    alice, bob = company.hire(), company.hire()
    experiment = alice.experiment()
    run = alice.run(experiment)
    company.grant(bob, "experiment", experiment, permission)
    assert bob.status("GET", "/runs/get", {"run_id": run}) == reads
    assert bob.status("POST", "/runs/set-tag", {"run_id": run, "key": "k", "value": "v"}) == edits
    assert bob.status("POST", "/runs/delete", {"run_id": run}) == manages


def test_a_denial_outweighs_every_other_permission(closed):
    alice, bob = closed.hire(), closed.hire()
    experiment = alice.experiment("secret-plan")
    closed.grant(bob, "experiment", "*", "MANAGE")
    assert bob.status("GET", "/experiments/get", {"experiment_id": experiment}) == 200
    closed.grant(bob, "experiment", "secret-*", "DENY")
    assert bob.status("GET", "/experiments/get", {"experiment_id": experiment}) == 403
    assert bob.status("POST", "/experiments/create", {"name": "secret-other"}) == 403


def test_a_pattern_grants_what_has_such_a_name(closed):
    alice, bob = closed.hire(), closed.hire()
    fraud, other = alice.model("fraud-2"), alice.model("spam-2")
    closed.grant(bob, "registered_model", "fraud-*", "EDIT")
    values = {"description": "x"}
    assert bob.status("PATCH", "/registered-models/update", {"name": fraud, **values}) == 200
    assert bob.status("PATCH", "/registered-models/update", {"name": other, **values}) == 403


def test_a_model_that_is_called_like_a_pattern_gives_nothing_away(closed):
    alice, bob = closed.hire(), closed.hire()
    model = alice.model()
    bob.do("POST", "/registered-models/create", {"name": "n*"})
    assert bob.status("GET", "/registered-models/get", {"name": "n*"}) == 200
    assert bob.status("GET", "/registered-models/get", {"name": model}) == 403


def test_a_group_has_permissions_for_its_members(closed):
    alice, bob = closed.hire(), closed.hire()
    experiment = alice.experiment()
    closed.admin.ours("POST", "/groups/create", {"name": "team"})
    values = {"group": "team", "resource_type": "experiment", "resource": experiment, "permission": "READ"}
    closed.admin.ours("POST", "/grants/create", values)
    assert bob.status("GET", "/experiments/get", {"experiment_id": experiment}) == 403
    closed.admin.ours("POST", "/groups/add-member", {"name": "team", "username": bob.username})
    assert bob.status("GET", "/experiments/get", {"experiment_id": experiment}) == 200
    closed.admin.ours("POST", "/groups/remove-member", {"name": "team", "username": bob.username})
    assert bob.status("GET", "/experiments/get", {"experiment_id": experiment}) == 403


def test_a_name_does_not_give_more_permissions(closed):
    alice, bob = closed.hire(), closed.hire()
    experiment, model = alice.experiment(), alice.model()
    closed.grant(bob, "experiment", experiment, "EDIT")
    closed.grant(bob, "registered_model", model, "EDIT")
    closed.grant(bob, "experiment", "mine-*", "MANAGE")
    closed.grant(bob, "registered_model", "mine-*", "MANAGE")
    rename = {"experiment_id": experiment, "new_name": "mine-now"}
    assert bob.status("POST", "/experiments/update", rename) == 403
    assert bob.status("POST", "/registered-models/rename", {"name": model, "new_name": "mine-now"}) == 403
    assert bob.status("POST", "/experiments/update", {**rename, "new_name": "theirs-still"}) == 200


def test_permissions_follow_a_renamed_model_and_end_with_a_removed_one(closed):
    alice, bob = closed.hire(), closed.hire()
    model = alice.model("before")
    alice.do("POST", "/registered-models/rename", {"name": model, "new_name": "after"})
    assert alice.status("DELETE", "/registered-models/delete", {"name": "after"}) == 200
    assert bob.model("after") == "after"
    assert alice.status("GET", "/registered-models/get", {"name": "after"}) == 403
    assert alice.status("GET", "/registered-models/get", {"name": "before"}) == 403


def test_nobody_writes_metrics_to_a_model_of_others(closed):
    alice, bob = closed.hire(), closed.hire()
    theirs = alice.do("POST", "/logged-models", {"experiment_id": alice.experiment()})["model"]["info"]["model_id"]
    run = bob.run(bob.experiment())
    metric = {"key": "m", "value": 1.0, "timestamp": 1, "model_id": theirs}
    assert bob.status("POST", "/runs/log-metric", {"run_id": run, **metric}) == 403
    assert bob.status("POST", "/runs/log-batch", {"run_id": run, "metrics": [metric]}) == 403
    assert bob.status("GET", f"/logged-models/{theirs}") == 403


def test_the_server_is_not_pointed_at_files_of_others(closed):
    alice, bob = closed.hire(), closed.hire()
    theirs = alice.experiment()
    for location in (f"mlflow-artifacts:/{theirs}", "s3://bucket/elsewhere", "file:///etc"):
        values = {"name": location, "artifact_location": location}
        assert bob.status("POST", "/experiments/create", values) == 403
    model = bob.model()
    run = alice.run(theirs)
    for source in (f"mlflow-artifacts:/{theirs}/{run}/artifacts", f"runs:/{run}/model", "s3://bucket/x"):
        assert bob.status("POST", "/model-versions/create", {"name": model, "source": source}) == 403


def test_searches_show_what_the_caller_may_read_on_full_pages(closed):
    alice, bob = closed.hire(), closed.hire()
    ids = [alice.experiment(f"search-{number:02}-{alice.username}") for number in range(12)]
    for number in (1, 3, 4, 8, 11):
        closed.grant(bob, "experiment", ids[number], "READ")
    found, token = [], None
    values = {"filter": f"name LIKE 'search-%{alice.username}'", "order_by": ["name ASC"], "max_results": 2}
    sizes = []
    while True:
        page = bob.do("POST", "/experiments/search", {**values, **({"page_token": token} if token else {})})
        found += [one["experiment_id"] for one in page.get("experiments", [])]
        sizes.append(len(page.get("experiments", [])))
        token = page.get("next_page_token")
        if not token:
            break
    assert found == [ids[number] for number in (1, 3, 4, 8, 11)]
    assert sizes[:2] == [2, 2]


def test_a_search_treats_what_may_not_be_read_as_missing(closed):
    alice, bob = closed.hire(), closed.hire()
    theirs, own = alice.experiment(), bob.experiment()
    alice.run(theirs)
    run = bob.run(own)
    found = bob.do("POST", "/runs/search", {"experiment_ids": [theirs, own]})
    assert [one["info"]["run_id"] for one in found["runs"]] == [run]
    assert bob.do("POST", "/runs/search", {"experiment_ids": [theirs]}) == {}
    assert bob.do("POST", "/logged-models/search", {"experiment_ids": [theirs]}) == {}
    model = alice.model()
    for path in ("/runs/search", "/runs/export", "/metrics/export"):
        method = "POST" if path.endswith("search") else "GET"
        assert theirs.encode() not in bob.ask(method, path, {"experiment_ids": [theirs]}, "/api/windlass/v1").body
    names = [one["name"] for one in bob.do("GET", "/registered-models/search").get("registered_models", [])]
    assert model not in names


def test_files_belong_to_their_experiment(closed):
    alice, bob = closed.hire(), closed.hire()
    experiment = alice.experiment()
    run = alice.run(experiment)
    path = f"/api/2.0/mlflow-artifacts/artifacts/{experiment}/{run}/artifacts/a.txt"
    assert alice.send("PUT", path, b"hello").status == 200
    assert alice.send("GET", path).body == b"hello"
    assert alice.send("GET", f"/get-artifact?run_id={run}&path=a.txt").body == b"hello"
    for method in ("GET", "PUT", "DELETE"):
        assert bob.send(method, path, b"evil" if method == "PUT" else None).status == 403
    assert bob.send("GET", f"/get-artifact?run_id={run}&path=a.txt").status == 403
    assert bob.send("GET", f"/get-artifact?run_uuid={run}&path=a.txt").status == 403
    assert bob.send("GET", path.replace(f"{experiment}/", f"{bob.experiment()}/../{experiment}/")).status in {400, 403}
    closed.grant(bob, "experiment", experiment, "READ")
    assert bob.send("GET", path).body == b"hello"
    assert bob.send("DELETE", path).status == 403


def test_the_files_of_a_version_may_be_read_with_its_model(closed):
    alice, bob = closed.hire(), closed.hire()
    experiment, model = alice.experiment(), alice.model()
    run = alice.run(experiment)
    root = f"/api/2.0/mlflow-artifacts/artifacts/{experiment}/{run}/artifacts"
    alice.send("PUT", f"{root}/model/MLmodel", b"flavors: {}")
    alice.send("PUT", f"{root}/notes.txt", b"private")
    source = f"mlflow-artifacts:/{experiment}/{run}/artifacts/model"
    values = {"name": model, "source": source, "run_id": run}
    alice.do("POST", "/model-versions/create", values)
    assert bob.send("GET", f"{root}/model/MLmodel").status == 403
    closed.grant(bob, "registered_model", model, "READ")
    assert bob.send("GET", f"{root}/model/MLmodel").status == 200
    assert bob.send("GET", f"/model-versions/get-artifact?name={model}&version=1&path=MLmodel").status == 200
    assert bob.send("GET", f"{root}/notes.txt").status == 403
    assert bob.send("PUT", f"{root}/model/MLmodel", b"x").status == 403


@pytest.mark.skipif(
    "ui" not in {one.name for one in entry_points(group="windlass")}, reason="windlass-ui is not installed"
)
def test_pages_show_what_the_caller_may_read(closed):
    alice, bob = closed.hire(), closed.hire()
    name = f"page-{alice.username}"
    experiment = alice.experiment(name)
    assert name.encode() in alice.send("GET", "/").body
    assert name.encode() not in bob.send("GET", "/").body
    assert bob.send("GET", f"/experiments/{experiment}").status == 403
    assert bob.send("GET", f"/runs/{alice.run(experiment)}").status == 403
