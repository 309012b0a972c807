"""The endpoints as a client without any library sees them."""

from __future__ import annotations

import math

import pytest


def test_an_experiment_lives_through_its_life(api):
    made = api.do("POST", "/experiments/create", {"name": "life", "tags": [{"key": "a", "value": "b"}]})
    experiment_id = made["experiment_id"]
    found = api.do("GET", "/experiments/get-by-name", {"experiment_name": "life"})["experiment"]
    assert found["experiment_id"] == experiment_id
    assert found["artifact_location"] == f"mlflow-artifacts:/{experiment_id}"
    assert found["tags"] == [{"key": "a", "value": "b"}]
    assert api.do("POST", "/experiments/update", {"experiment_id": experiment_id, "new_name": "life 2"}) == {}
    api.do("POST", "/experiments/set-experiment-tag", {"experiment_id": experiment_id, "key": "c", "value": "d"})
    api.do("POST", "/experiments/delete-experiment-tag", {"experiment_id": experiment_id, "key": "a"})
    found = api.do("GET", "/experiments/get", {"experiment_id": experiment_id})["experiment"]
    assert (found["name"], found["tags"]) == ("life 2", [{"key": "c", "value": "d"}])
    api.do("POST", "/experiments/delete", {"experiment_id": experiment_id})
    assert api.ask("POST", "/experiments/delete", {"experiment_id": experiment_id}).status == 400
    found = api.do("POST", "/experiments/search", {"view_type": "DELETED_ONLY", "filter": "name = 'life 2'"})
    assert [one["experiment_id"] for one in found["experiments"]] == [experiment_id]
    api.do("POST", "/experiments/restore", {"experiment_id": experiment_id})
    answer = api.ask("POST", "/experiments/create", {"name": "life 2"})
    assert (answer.status, answer.json["error_code"]) == (400, "RESOURCE_ALREADY_EXISTS")


def test_a_search_pages_through_get_and_post(api):
    for number in range(3):
        api.do("POST", "/experiments/create", {"name": f"page-{number}"})
    values = {"filter": "name LIKE 'page-%'", "max_results": 2, "order_by": ["name ASC"]}
    first = api.do("POST", "/experiments/search", values)
    second = api.do("GET", "/experiments/search", {**values, "page_token": first["next_page_token"]})
    assert [one["name"] for one in first["experiments"] + second["experiments"]] == ["page-0", "page-1", "page-2"]
    assert "next_page_token" not in second
    nothing = api.do("POST", "/experiments/search", {"filter": "name = 'none such'", "max_results": 5})
    assert nothing == {}
    forged = api.ask("GET", "/experiments/search", {**values, "page_token": "Zm9yZ2Vk"})
    assert forged.status == 400


def test_a_run_lives_through_its_life(api, experiment):
    made = api.do("POST", "/runs/create", {"experiment_id": experiment, "run_name": "first", "start_time": 1})["run"]
    run_id = made["info"]["run_id"]
    assert made["info"]["run_uuid"] == run_id
    assert made["info"]["artifact_uri"] == f"mlflow-artifacts:/{experiment}/{run_id}/artifacts"
    assert made["inputs"] == {}
    both = {"run_id": run_id, "run_uuid": run_id}
    api.do("POST", "/runs/log-parameter", {**both, "key": "p", "value": "1"})
    api.do("POST", "/runs/log-metric", {**both, "key": "m", "value": 0.5, "timestamp": 7, "step": 1})
    api.do("POST", "/runs/set-tag", {**both, "key": "t", "value": "v"})
    api.do("POST", "/runs/delete-tag", {"run_id": run_id, "key": "t"})
    ended = api.do("POST", "/runs/update", {"run_id": run_id, "status": "FINISHED", "end_time": 9})["run_info"]
    assert (ended["status"], ended["end_time"]) == ("FINISHED", 9)
    run = api.do("GET", "/runs/get", {"run_uuid": run_id})["run"]
    assert run["data"]["params"] == [{"key": "p", "value": "1"}]
    assert run["data"]["metrics"] == [{"key": "m", "value": 0.5, "timestamp": 7, "step": 1}]
    assert [tag["key"] for tag in run["data"]["tags"]] == ["mlflow.runName"]
    for _ in range(2):
        api.do("POST", "/runs/delete", {"run_id": run_id})
    assert api.do("POST", "/runs/search", {"experiment_ids": [experiment]}) == {}
    api.do("POST", "/runs/restore", {"run_id": run_id})
    found = api.do("POST", "/runs/search", {"experiment_ids": [experiment], "filter": "metrics.m < 1"})
    assert [one["info"]["run_id"] for one in found["runs"]] == [run_id]


@pytest.mark.parametrize("prefix", ["/api/2.0/mlflow", "/ajax-api/2.0/mlflow", "/api/2.0/preview/mlflow"])
def test_every_prefix_answers_alike(api, prefix):
    found = api.ask("GET", "/experiments/get", {"experiment_id": "0"}, prefix=prefix).json
    assert found["experiment"]["name"] == "Default"


def test_a_batch_and_its_history(api, experiment):
    run_id = api.run(experiment)
    values = [0.5, math.nan, math.inf, -math.inf]
    metrics = [{"key": "m", "value": value, "timestamp": step, "step": step} for step, value in enumerate(values)]
    # json.dumps writes NaN and Infinity as bare words here, as careless clients do.
    api.do("POST", "/runs/log-batch", {"run_id": run_id, "metrics": metrics, "tags": [{"key": "t", "value": ""}]})
    history = api.do("GET", "/metrics/get-history", {"run_id": run_id, "metric_key": "m"})["metrics"]
    assert [one["value"] for one in history] == [0.5, "NaN", "Infinity", "-Infinity"]
    page = api.do("GET", "/metrics/get-history", {"run_id": run_id, "metric_key": "m", "max_results": 3})
    assert len(page["metrics"]) == 3
    rest = {"run_id": run_id, "metric_key": "m", "max_results": 3, "page_token": page["next_page_token"]}
    assert [one["step"] for one in api.do("GET", "/metrics/get-history", rest)["metrics"]] == [3]


def test_a_bad_item_refuses_the_whole_batch(api, experiment):
    run_id = api.run(experiment)
    good = {"key": "m", "value": 1, "timestamp": 1}
    for bad in ({**good, "timestamp": 2**63}, {**good, "value": True}, {**good, "key": "a//b"}):
        answer = api.ask("POST", "/runs/log-batch", {"run_id": run_id, "metrics": [good, bad]})
        assert (answer.status, answer.json["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    twice = [{"key": "p", "value": "1"}, {"key": "p", "value": "1"}]
    assert api.ask("POST", "/runs/log-batch", {"run_id": run_id, "params": twice}).status == 400
    assert api.do("GET", "/runs/get", {"run_id": run_id})["run"]["data"].keys() == {"tags"}


def test_histories_of_several_runs(api, experiment):
    run_ids = [api.run(experiment) for _ in range(2)]
    for run_id in run_ids:
        metrics = [
            {"key": "m", "value": step if step != 51 else 999, "timestamp": 1, "step": step} for step in range(101)
        ]
        api.do("POST", "/runs/log-batch", {"run_id": run_id, "metrics": metrics})
    bulk = api.do("GET", "/metrics/get-history-bulk", {"run_id": run_ids, "metric_key": "m"})["metrics"]
    assert len(bulk) == 202
    assert {one["run_id"] for one in bulk} == set(run_ids)
    values = {"run_ids": run_ids, "metric_key": "m", "max_results": 10}
    spread = api.do("GET", "/metrics/get-history-bulk-interval", values)["metrics"]
    assert [one["step"] for one in spread] == [0, 25, 26, 50, 51, 52, 76, 100] * 2
    assert len(api.do("GET", "/metrics/get-history-bulk-interval", {**values, "max_results": 1})["metrics"]) == 2
    values |= {"start_step": 10, "end_step": 12}
    spread = api.do("GET", "/metrics/get-history-bulk-interval", values)["metrics"]
    assert [one["step"] for one in spread] == [10, 11, 12] * 2
    del values["end_step"]
    assert api.ask("GET", "/metrics/get-history-bulk-interval", values).status == 400


def test_inputs_outputs_and_data_sets(api, experiment):
    run_id = api.run(experiment)
    dataset = {"name": "d", "digest": "1", "source_type": "local", "source": "{}", "schema": "{}"}
    tags = [{"key": "mlflow.data.context", "value": "training"}]
    api.do("POST", "/runs/log-inputs", {"run_id": run_id, "datasets": [{"dataset": dataset, "tags": tags}]})
    found = api.do("POST", "/experiments/search-datasets", {"experiment_ids": [experiment]})["dataset_summaries"]
    assert found == [{"experiment_id": experiment, "name": "d", "digest": "1", "context": "training"}]
    made = api.do("POST", "/logged-models", {"experiment_id": experiment, "name": "model", "source_run_id": run_id})
    model_id = made["model"]["info"]["model_id"]
    api.do("POST", "/runs/outputs", {"run_id": run_id, "models": [{"model_id": model_id, "step": 3}]})
    run = api.do("GET", "/runs/get", {"run_id": run_id})["run"]
    assert run["inputs"]["dataset_inputs"][0]["dataset"] == dataset
    assert run["outputs"]["model_outputs"] == [{"model_id": model_id, "step": 3}]


def test_a_logged_model_lives_through_its_life(api, experiment):
    values = {"experiment_id": experiment, "name": "m", "params": [{"key": "p", "value": "1"}]}
    info = api.do("POST", "/logged-models", values)["model"]["info"]
    assert info["status"] == "LOGGED_MODEL_PENDING"
    path = f"/logged-models/{info['model_id']}"
    ready = api.do("PATCH", path, {"model_id": info["model_id"], "status": "LOGGED_MODEL_READY"})["model"]["info"]
    assert ready["status"] == "LOGGED_MODEL_READY"
    api.do("PATCH", f"{path}/tags", {"tags": [{"key": "a/b", "value": "c"}, {"key": "d", "value": "e"}]})
    api.do("POST", f"{path}/params", {"params": [{"key": "q", "value": "2"}]})
    api.do("DELETE", f"{path}/tags/a%2Fb")
    model = api.do("GET", path)["model"]
    assert model["info"]["tags"] == [{"key": "d", "value": "e"}]
    assert model["data"]["params"] == [{"key": "p", "value": "1"}, {"key": "q", "value": "2"}]
    search = {"experiment_ids": [experiment], "filter": "name = 'm'", "order_by": [{"field_name": "creation_time"}]}
    assert len(api.do("POST", "/logged-models/search", search)["models"]) == 1
    api.do("DELETE", path)
    assert api.ask("GET", path).status == 404
    assert api.do("GET", path, {"allow_deleted": "true"})["model"]["info"]["lifecycle_stage"] == "deleted"


def test_a_model_is_registered_promoted_and_found(api, experiment):
    run_id = api.run(experiment)
    api.do("POST", "/registered-models/create", {"name": "fraud", "description": "d"})
    again = api.ask("POST", "/registered-models/create", {"name": "fraud"})
    assert (again.status, again.json["error_code"]) == (400, "RESOURCE_ALREADY_EXISTS")
    for _ in range(2):
        values = {"name": "fraud", "source": f"runs:/{run_id}/model", "run_id": run_id}
        version = api.do("POST", "/model-versions/create", values)["model_version"]
    assert (version["version"], version["current_stage"], version["status"]) == ("2", "None", "READY")
    one = {"name": "fraud", "version": "2"}
    moved = api.do("POST", "/model-versions/transition-stage", {**one, "stage": "production"})["model_version"]
    assert moved["current_stage"] == "Production"
    latest = api.do("POST", "/registered-models/get-latest-versions", {"name": "fraud", "stages": ["Production"]})
    assert [found["version"] for found in latest["model_versions"]] == ["2"]
    api.do("POST", "/registered-models/alias", {"name": "fraud", "alias": "champion", "version": 2})
    by_alias = api.do("GET", "/registered-models/alias", {"name": "fraud", "alias": "champion"})["model_version"]
    assert (by_alias["version"], by_alias["aliases"]) == ("2", ["champion"])
    assert api.ask("GET", "/registered-models/alias", {"name": "fraud", "alias": "none"}).status == 404
    api.do("POST", "/model-versions/set-tag", {**one, "key": "k", "value": "v"})
    found = api.do("GET", "/model-versions/search", {"filter": "name='fraud' and tag.k = 'v'"})["model_versions"]
    assert [each["version"] for each in found] == ["2"]
    api.do("DELETE", "/model-versions/delete-tag", {**one, "key": "k"})
    assert api.do("GET", "/model-versions/get-download-uri", one) == {"artifact_uri": f"runs:/{run_id}/model"}
    assert api.do("PATCH", "/model-versions/update", {**one, "description": "x"})["model_version"]["description"] == "x"
    model = api.do("GET", "/registered-models/get", {"name": "fraud"})["registered_model"]
    assert model["aliases"] == [{"alias": "champion", "version": "2"}]
    assert {each["version"] for each in model["latest_versions"]} == {"1", "2"}
    api.do("DELETE", "/registered-models/alias", {"name": "fraud", "alias": "champion"})
    api.do("DELETE", "/model-versions/delete", {"name": "fraud", "version": "1"})
    api.do("POST", "/registered-models/rename", {"name": "fraud", "new_name": "fraud 2"})
    assert api.do("GET", "/registered-models/search", {"filter": "name = 'fraud 2'"})["registered_models"]
    api.do("DELETE", "/registered-models/delete", {"name": "fraud 2"})
    assert api.ask("GET", "/registered-models/get", {"name": "fraud 2"}).status == 404


def test_models_that_older_clients_log_are_listed_in_a_tag(api, experiment):
    run_id = api.run(experiment)
    for path in ("model", "other"):
        model = f'{{"artifact_path": "{path}", "flavors": {{}}, "run_id": "{run_id}"}}'
        api.do("POST", "/runs/log-model", {"run_id": run_id, "model_json": model})
    tags = {tag["key"]: tag["value"] for tag in api.do("GET", "/runs/get", {"run_id": run_id})["run"]["data"]["tags"]}
    assert tags["mlflow.log-model.history"].count("artifact_path") == 2
    assert api.ask("POST", "/runs/log-model", {"run_id": run_id, "model_json": "[]"}).status == 400


def test_a_get_may_carry_a_body(api):
    answer = api.send("GET", "/api/2.0/mlflow/experiments/get", '{"experiment_id": 0}', content_type="application/json")
    assert answer.json["experiment"]["name"] == "Default"


def test_the_server_says_what_it_is(api):
    assert api.send("GET", "/health").body == b"OK"
    assert api.send("GET", "/version").body.count(b".") == 2
    for prefix in ("/api/3.0", "/ajax-api/3.0"):
        info = api.send("GET", f"{prefix}/mlflow/server-info").json
        assert (info["multipart_uploads_enabled"], info["multipart_downloads_enabled"]) == (True, False)


def test_the_document_describes_every_endpoint_once(api):
    document = api.send("GET", "/schema/openapi.json").json
    paths = document["paths"]
    assert len(paths) > 50
    body = paths["/api/2.0/mlflow/runs/log-metric"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body["required"] == ["run_id", "key", "value", "timestamp"]
    arguments = paths["/api/2.0/mlflow/experiments/get"]["get"]["parameters"]
    assert [(one["name"], one["in"], one["required"]) for one in arguments] == [("experiment_id", "query", True)]
    assert not [path for path in paths if path.startswith("/ajax-api/2.0/mlflow/")]
    answer = paths["/api/2.0/mlflow/runs/get"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert answer["$ref"].endswith("RunAnswer")
