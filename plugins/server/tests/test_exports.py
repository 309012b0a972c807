"""Tables of runs and points over HTTP."""

from __future__ import annotations

import io
import math
import sys
from urllib.parse import urlencode

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from windlass.services import run_export

OURS = "/api/windlass/v1"


@pytest.fixture
def scene(api):
    """An experiment of three runs; returns its id and their ids."""
    import uuid

    experiment_id = api.do("POST", "/experiments/create", {"name": uuid.uuid4().hex})["experiment_id"]
    ids = [api.run(experiment_id, run_name=name) for name in ("one", "two", "three")]
    points = [{"key": "loss", "value": value, "timestamp": 5, "step": step} for step, value in enumerate((3, "NaN", 1))]
    api.do("POST", "/runs/log-batch", {"run_id": ids[0], "metrics": points, "params": [{"key": "lr", "value": "0.1"}]})
    other = [{"key": "acc/val", "value": "Infinity", "timestamp": 6, "step": 1}]
    api.do("POST", "/runs/log-batch", {"run_id": ids[1], "metrics": other, "tags": [{"key": "ü", "value": "日本"}]})
    api.do("POST", "/runs/update", {"run_id": ids[0], "status": "FINISHED", "end_time": 99})
    return experiment_id, ids


def fetch(api, path, experiment_id, **values):
    query = urlencode({"experiment_ids": experiment_id, **values}, doseq=True)
    return api.send("GET", f"{OURS}{path}?{query}")


def table(answer):
    assert answer.status == 200, answer.body
    if answer.headers["content-type"] == "application/vnd.apache.parquet":
        return pq.read_table(io.BytesIO(answer.body))
    assert answer.headers["content-type"] == "application/vnd.apache.arrow.stream"
    return pa.ipc.open_stream(answer.body).read_all()


@pytest.mark.parametrize("file_format", ["arrow", "parquet"])
def test_runs_come_as_a_table_with_a_column_for_everything(api, scene, file_format):
    experiment_id, ids = scene
    answer = fetch(api, "/runs/export", experiment_id, format=file_format)
    assert answer.headers["content-disposition"] == f'attachment; filename="runs.{file_format}"'
    frame = table(answer).to_pandas().set_index("run_name")
    assert frame.loc["one", "run_id"] == ids[0]
    assert frame.loc["one", "end_time"] == pd.Timestamp(99, unit="ms", tz="UTC")
    assert frame.loc["one", "metrics.loss"] == 1.0
    assert frame.loc["two", "metrics.acc/val"] == math.inf
    assert frame.loc["two", "tags.ü"] == "日本"
    assert pd.isna(frame.loc["three", "params.lr"])
    assert sorted(frame["params.lr"].dropna()) == ["0.1"]
    assert len(frame) == 3


def test_only_what_is_selected_becomes_a_column(api, scene, monkeypatch):
    monkeypatch.setattr(run_export, "_PAGE", 2)
    select = ["metrics.loss", "metrics.never", "params.*"]
    text = "metrics.loss.min = 1 or run_name != 'one'"
    found = table(fetch(api, "/runs/export", scene[0], select=select, filter=text))
    assert [name for name in found.column_names if "." in name] == ["metrics.loss", "metrics.never", "params.lr"]
    assert found.num_rows == 3
    assert found.column("metrics.never").null_count == 3


@pytest.mark.parametrize("file_format", ["arrow", "parquet"])
def test_points_come_as_a_long_table(api, scene, file_format, monkeypatch):
    monkeypatch.setattr(run_export, "_POINTS", 2)
    experiment_id, ids = scene
    rows = table(fetch(api, "/metrics/export", experiment_id, format=file_format)).to_pylist()
    values = {(row["run_id"], row["key"], row["step"]): row["value"] for row in rows}
    assert len(rows) == 4
    assert values[ids[0], "loss", 2] == 1.0
    assert math.isnan(values[ids[0], "loss", 1])
    assert values[ids[1], "acc/val", 1] == math.inf
    only = table(fetch(api, "/metrics/export", experiment_id, select="metrics.acc/val", format=file_format))
    assert only.column("key").to_pylist() == ["acc/val"]


def test_nothing_is_an_empty_table(api, experiment):
    assert table(fetch(api, "/runs/export", experiment)).num_rows == 0
    assert table(fetch(api, "/metrics/export", experiment, format="parquet")).num_rows == 0


@pytest.mark.parametrize(
    "values",
    [{"filter": "nonsense"}, {"select": "what.ever"}, {"select": "inputs"}, {"format": "csv"}, {"run_view_type": "X"}],
)
def test_what_cannot_be_exported_is_refused(api, experiment, values):
    answer = fetch(api, "/runs/export", experiment, **values)
    assert (answer.status, answer.json["error_code"]) == (400, "INVALID_PARAMETER_VALUE")


def test_more_columns_than_a_table_can_have_are_refused(api, scene, monkeypatch):
    monkeypatch.setattr(run_export, "MAX_COLUMNS", 2)
    assert fetch(api, "/runs/export", scene[0]).status == 400


def test_without_pyarrow_the_server_says_what_to_install(api, experiment, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    for path in ("/runs/export", "/metrics/export"):
        answer = fetch(api, path, experiment)
        assert (answer.status, b"windlass-server[arrow]" in answer.body) == (501, True)


def test_a_table_that_breaks_off_is_no_table(api, scene, monkeypatch):
    import http.client

    from windlass.errors import Unavailable
    from windlass.services.runs import RunService

    history, asked = RunService.metric_history, []

    def broken(*args, **rest):
        asked.append(args)
        if len(asked) > 2:
            raise Unavailable("the database is gone")
        return history(*args, **rest)

    monkeypatch.setattr(RunService, "metric_history", broken)
    monkeypatch.setattr(run_export, "_POINTS", 1)
    # The answer has begun by then, and the connection breaks off.
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        fetch(api, "/metrics/export", scene[0])


def test_what_is_wrong_from_the_beginning_is_answered_like_any_other_error(api, experiment):
    answer = fetch(api, "/metrics/export", experiment, filter="0")
    assert (answer.status, answer.json["code"]) == (400, "invalid_query")
