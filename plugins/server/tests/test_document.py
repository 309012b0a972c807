"""The OpenAPI document: it describes everything that is served, also what is no JSON."""

from __future__ import annotations

import re

import pytest

from windlass.wire.message import PREFIXES
from windlass_server.app import create_app

FIRST = tuple(prefixes[0] for prefixes in PREFIXES.values())
OURS = "/api/windlass/v1"


@pytest.fixture(scope="module")
def app(settings, workspace):
    return create_app(settings, workspace)


@pytest.fixture(scope="module")
def paths(app):
    return app.openapi_schema.to_schema()["paths"]


def test_every_path_below_a_first_prefix_is_described(app, paths):
    served = {
        (re.sub(r"\{(\w+)(:\w+)?\}", r"{\1}", route.path_format), method.lower())
        for route in app.routes
        if route.path.startswith(tuple(f"{prefix}/" for prefix in FIRST))
        for method in route.methods
        if method != "OPTIONS"
    }
    described = {(path, method) for path, item in paths.items() for method in item}
    # What is refused whatever is asked is not described.
    missing = {one for one in served - described if not re.search("mlflow-artifacts/(mpu|presigned)/", one[0])}
    assert not missing
    assert len([path for path, _ in described if path.startswith(OURS)]) >= 8


def test_every_operation_has_a_name_of_its_own_and_a_summary(paths):
    operations = [one for item in paths.values() for one in item.values()]
    names = [one["operationId"] for one in operations]
    assert len(names) == len(set(names))
    assert all(one.get("summary") for one in operations)


@pytest.mark.parametrize(
    ("path", "types", "parameters"),
    [
        (
            "/runs/export",
            {"application/vnd.apache.arrow.stream", "application/vnd.apache.parquet"},
            {"experiment_ids", "filter", "run_view_type", "select", "format"},
        ),
        (
            "/metrics/export",
            {"application/vnd.apache.arrow.stream", "application/vnd.apache.parquet"},
            {"experiment_ids", "filter", "run_view_type", "select", "format"},
        ),
        ("/runs/{run_id}/events", {"text/event-stream"}, {"run_id", "last_event_id", "last-event-id"}),
        ("/metrics/sample", {"application/json"}, {"run_ids", "metric_keys", "points", "start_step", "end_step"}),
    ],
)
def test_what_is_beyond_mlflow_is_described_with_its_media_types(paths, path, types, parameters):
    operation = paths[OURS + path]["get"]
    assert set(operation["responses"]["200"]["content"]) == types
    assert {one["name"] for one in operation["parameters"]} == parameters
    assert "400" in operation["responses"]


def test_a_selection_is_described(paths):
    operation = paths[f"{OURS}/runs/search"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert schema["properties"]["select"] == {"type": "array", "items": {"type": "string"}}


def test_files_are_described_as_bytes(paths):
    answer = paths["/get-artifact"]["get"]["responses"]["200"]["content"]
    assert set(answer) == {"application/octet-stream"}
