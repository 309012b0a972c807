from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import windlass
from windlass.errors import InvalidValue


@pytest.fixture
def frame():
    return pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})


def test_a_table_is_described_by_name_digest_schema_and_profile(frame):
    described = windlass.data.from_pandas(frame, source="s3://bucket/a.csv", name="table", targets="b").to_dict()
    assert (described["name"], described["source_type"]) == ("table", "s3")
    assert json.loads(described["source"]) == {"uri": "s3://bucket/a.csv"}
    assert json.loads(described["profile"]) == {"num_rows": 2, "num_elements": 4}
    assert [one["name"] for one in json.loads(described["schema"])["mlflow_colspec"]] == ["a", "b"]


def test_the_digest_follows_the_content(frame):
    digest = windlass.data.from_pandas(frame).digest
    assert len(digest) == 8
    assert windlass.data.from_pandas(frame.copy()).digest == digest
    assert windlass.data.from_pandas(frame.assign(a=[1, 3])).digest != digest
    assert windlass.data.from_pandas(frame.rename(columns={"a": "c"})).digest != digest


def test_arrays_are_described_with_their_targets():
    dataset = windlass.data.from_numpy(np.zeros((3, 2)), targets=np.ones(3))
    assert set(json.loads(dataset.schema)["mlflow_tensorspec"]) == {"features", "targets"}
    assert json.loads(dataset.profile)["features_shape"] == [3, 2]
    assert windlass.data.from_numpy(np.zeros((3, 2)), targets=np.zeros(3)).digest != dataset.digest


def test_a_column_that_is_not_there_is_refused(frame):
    with pytest.raises(InvalidValue, match=r"targets.*limit: a, b"):
        windlass.data.from_pandas(frame, targets="c")


@pytest.mark.parametrize(
    ("source", "kind"), [(None, "code"), ("data/a.csv", "local"), ("https://x/a.csv", "http"), ("gs://x/a", "gs")]
)
def test_the_source_says_what_kind_it_is(frame, source, kind):
    assert windlass.data.from_pandas(frame, source=source).source.source_type == kind


def test_a_run_remembers_what_it_read(frame):
    windlass.set_tracking_uri("memory://data")
    with windlass.start_run() as run:
        windlass.log_input(windlass.data.from_pandas(frame, name="table"), context="training")
    (read,) = windlass.get_run(run.info.run_id).inputs.dataset_inputs
    assert (read.dataset.name, read.tags["mlflow.data.context"]) == ("table", "training")
    found = windlass.search_runs(filter_string="dataset.name = 'table' and dataset.context = 'training'")
    assert list(found["run_id"]) == [run.info.run_id]
