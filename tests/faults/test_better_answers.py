"""Where MLflow's own answer loses data or says nothing useful: what this server answers instead."""

from __future__ import annotations

import json
import math

import pytest


@pytest.fixture(scope="module")
def shared(shared_server):
    return shared_server()


@pytest.fixture
def client(shared, connect):
    return connect(shared.url)


@pytest.fixture
def experiment(client, request):
    return client.do("POST", "/experiments/create", {"name": request.node.name})["experiment_id"]


def history(client, run_id, key):
    found = client.do("GET", "/metrics/get-history", {"run_id": run_id, "metric_key": key})
    return [(one["value"], one["timestamp"], one["step"]) for one in found.get("metrics", [])]


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_bare_constants_are_stored_as_what_they_are(client, word):
    run_id = client.run()
    point = f'{{"run_id": "{run_id}", "key": "m", "value": {word}, "timestamp": 7, "step": 3}}'
    assert client.ask("POST", "/runs/log-metric", point) == (200, {})
    assert history(client, run_id, "m") == [(word, 7, 3)]


def test_a_batch_with_a_bare_nan_keeps_all_of_it(client):
    run_id = client.run()
    points = ", ".join(
        f'{{"key": "m", "value": {value}, "timestamp": 1, "step": {step}}}'
        for step, value in enumerate(["1.0", "NaN", "2.0", "-Infinity", "1e308"])
    )
    assert client.ask("POST", "/runs/log-batch", f'{{"run_id": "{run_id}", "metrics": [{points}]}}')[0] == 200
    assert [value for value, _, _ in history(client, run_id, "m")] == [1.0, "NaN", 2.0, "-Infinity", 1e308]


@pytest.mark.parametrize(
    ("field", "value"), [("timestamp", 2**63), ("timestamp", 1.5), ("step", 2**63), ("value", True), ("step", "1.5")]
)
@pytest.mark.parametrize("path", ["/runs/log-metric", "/runs/log-batch"])
def test_numbers_that_do_not_fit_are_refused_and_nothing_is_stored(client, path, field, value):
    run_id = client.run()
    point = {"key": "m", "value": 1.0, "timestamp": 1, "step": 1, field: value}
    fine = {"key": "fine", "value": 1.0, "timestamp": 1, "step": 1}
    body = {"run_id": run_id, **point} if path.endswith("metric") else {"run_id": run_id, "metrics": [fine, point]}
    status, problem = client.ask("POST", path, body)
    assert status == 400
    assert field in problem["details"]["field"]
    assert history(client, run_id, "m") == history(client, run_id, "fine") == []


def test_64_bits_are_kept_to_the_last_one(client):
    run_id = client.run()
    for step in (2**63 - 1, -(2**63), 9_007_199_254_740_993):
        client.do("POST", "/runs/log-metric", {"run_id": run_id, "key": "m", "value": 1, "timestamp": 1, "step": step})
    assert {step for _, _, step in history(client, run_id, "m")} == {2**63 - 1, -(2**63), 9_007_199_254_740_993}


@pytest.mark.parametrize(
    ("path", "values", "field"),
    [
        ("/runs/update", {"status": "DONE"}, "status"),
        ("/runs/search", {"experiment_ids": ["0"], "run_view_type": "EVERYTHING"}, "run_view_type"),
    ],
)
def test_unknown_words_are_refused(client, path, values, field):
    status, problem = client.ask("POST", path, {"run_id": client.run(), **values})
    assert (status, problem["details"]["field"]) == (400, field)


def test_long_values_are_kept_whole_or_refused_with_the_limit(client):
    run_id = client.run()
    client.do("POST", "/runs/log-parameter", {"run_id": run_id, "key": "p", "value": "x" * 16_000})
    client.do("POST", "/runs/set-tag", {"run_id": run_id, "key": "t", "value": "ü" * 100_000})
    for path, length in (("/runs/log-parameter", 16_001), ("/runs/set-tag", 100_001)):
        status, problem = client.ask("POST", path, {"run_id": run_id, "key": "long", "value": "x" * length})
        assert status == 400
        assert "characters" in problem["details"]["limit"]
    data = client.do("GET", "/runs/get", {"run_id": run_id})["run"]["data"]
    assert [len(one["value"]) for one in data["params"]] == [16_000]
    assert [len(one["value"]) for one in data["tags"] if len(one["value"]) > 1000] == [100_000]


def test_a_name_that_is_taken_is_said_without_sql(client):
    first = client.do("POST", "/experiments/create", {"name": "taken"})["experiment_id"]
    second = client.do("POST", "/experiments/create", {"name": "free"})["experiment_id"]
    for path, values in (
        ("/experiments/create", {"name": "taken"}),
        ("/experiments/update", {"experiment_id": second, "new_name": "taken"}),
    ):
        status, problem = client.ask("POST", path, values)
        assert (status, problem["error_code"]) == (400, "RESOURCE_ALREADY_EXISTS")
        assert "taken" in problem["message"]
        assert not any(word in json.dumps(problem) for word in ("INSERT", "UPDATE ", "sqlite", "UNIQUE"))
    assert client.do("GET", "/experiments/get-by-name", {"experiment_name": "taken"})["experiment"][
        "experiment_id"
    ] == first  # fmt: skip


def test_a_run_in_no_experiment_is_told_which_one_is_missing(client):
    status, problem = client.ask("POST", "/runs/create", {"experiment_id": "987654"})
    assert (status, problem["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")
    assert "987654" in problem["message"]
    status, problem = client.ask("POST", "/runs/create", {})
    assert (status, problem["details"]["field"]) == (400, "experiment_id")


def test_pages_do_not_shift_when_runs_arrive_in_between(client, experiment):
    runs = [client.run(experiment) for _ in range(6)]
    query = {"experiment_ids": [experiment], "max_results": 2}
    found, page = [], client.do("POST", "/runs/search", query)
    while True:
        found += [run["info"]["run_id"] for run in page.get("runs", [])]
        if "next_page_token" not in page:
            break
        client.run(experiment)
        page = client.do("POST", "/runs/search", {**query, "page_token": page["next_page_token"]})
        assert len(found) < 20
    assert len(found) == len(set(found))
    assert set(runs) <= set(found)


def test_a_page_token_belongs_to_its_query(client, experiment):
    for _ in range(3):
        client.run(experiment)
    query = {"experiment_ids": [experiment], "max_results": 1}
    token = client.do("POST", "/runs/search", query)["next_page_token"]
    changed = [
        {**query, "page_token": token, "order_by": ["metrics.m ASC"]},
        {**query, "page_token": token[:-2] + ("AA" if token[-2:] != "AA" else "BB")},
    ]
    for one in changed:
        status, problem = client.ask("POST", "/runs/search", one)
        assert (status, problem["details"]["field"]) == (400, "page_token")


def test_an_experiment_that_is_restored_does_not_revive_runs_deleted_before(client, experiment):
    kept, deleted = client.run(experiment), client.run(experiment)
    client.do("POST", "/runs/delete", {"run_id": deleted})
    client.do("POST", "/experiments/delete", {"experiment_id": experiment})
    client.do("POST", "/experiments/restore", {"experiment_id": experiment})
    found = client.do("POST", "/runs/search", {"experiment_ids": [experiment]})["runs"]
    assert [run["info"]["run_id"] for run in found] == [kept]


def test_what_mlflow_answers_with_500_is_answered_or_refused(client):
    client.do("POST", "/registered-models/create", {"name": "staged"})
    client.do("POST", "/model-versions/create", {"name": "staged", "source": "s3://bucket/model"})
    values = {"name": "staged", "version": "1", "stage": "None", "archive_existing_versions": True}
    status, problem = client.ask("POST", "/model-versions/transition-stage", values)
    assert (status, problem["details"]["field"]) == (400, "archive_existing_versions")
    found = client.do("GET", "/registered-models/search", {"filter": "name = 'staged' AND tags.k IS NULL"})
    assert [one["name"] for one in found["registered_models"]] == ["staged"]
    status, problem = client.ask("GET", "/registered-models/alias", {"name": "staged", "alias": "none"})
    assert (status, problem["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")


def test_the_largest_float_is_no_infinity(client):
    run_id = client.run()
    client.do(
        "POST", "/runs/log-metric", {"run_id": run_id, "key": "m", "value": "1.7976931348623157e308", "timestamp": 1}
    )
    assert history(client, run_id, "m")[0][0] == math.nextafter(math.inf, 0)
    status, _ = client.ask(
        "POST", "/runs/log-metric", f'{{"run_id": "{run_id}", "key": "m", "value": 1e309, "timestamp": 1}}'
    )
    assert status == 400
