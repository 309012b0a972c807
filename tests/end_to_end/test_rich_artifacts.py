"""Tables, pictures and YAML: artifacts that need libraries which core does without."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image

import windlass
from windlass.errors import InvalidValue, NotFound


@pytest.fixture
def run(tmp_path):
    windlass.set_tracking_uri(f"sqlite:///{tmp_path}/w.db")
    with windlass.start_run() as started:
        yield started


def test_a_table_grows_and_is_read_over_several_runs(run):
    windlass.log_table({"question": ["a", "b"], "score": [1, 2]}, "eval.json")
    windlass.log_table(pd.DataFrame({"question": ["c"], "score": [3]}), "eval.json")
    windlass.log_param("model", "first")
    windlass.end_run()
    with windlass.start_run() as second:
        windlass.log_table({"question": "d", "score": 4}, "eval.json")
        windlass.log_param("model", "second")
    table = windlass.load_table("eval.json", extra_columns=["run_id", "model"])
    assert sorted(table["question"]) == ["a", "b", "c", "d"]
    assert list(table[table["model"] == "second"]["run_id"]) == [second.info.run_id]
    assert len(windlass.load_table("eval.json", run_ids=[run.info.run_id])) == 3


def test_a_table_that_no_run_has_is_not_found(run):
    with pytest.raises(NotFound, match="none of 1 runs has a table"):
        windlass.load_table("nothing.json")
    with pytest.raises(InvalidValue, match=r"limit: \.json, \.parquet"):
        windlass.log_table({"a": [1]}, "table.csv")


@pytest.mark.parametrize(
    "image",
    [
        Image.new("RGB", (4, 3), "red"),
        np.full((3, 4, 3), 200, dtype=np.uint8),
        np.full((3, 4, 1), 0.5),
        np.zeros((3, 4)),
    ],
    ids=["pillow", "integers", "floats", "grey"],
)
def test_a_picture_comes_back_in_its_size(run, image):
    windlass.log_image(image, "picture.png")
    windlass.log_image(image, key="samples/dog", step=3, timestamp=7)
    back = windlass.artifacts.load_image(f"runs:/{run.info.run_id}/picture.png")
    assert back.size == (4, 3)
    (series,) = windlass.MlflowClient().list_artifacts(run.info.run_id, "images")
    assert series.path == "images/samples#dog%step%3%timestamp%7.png"


@pytest.mark.parametrize("image", [np.full((2, 2), 300), np.full((2, 2), 1.5), np.zeros((2, 2, 2)), "picture"])
def test_what_is_no_picture_is_refused(run, image):
    with pytest.raises(InvalidValue, match="image"):
        windlass.log_image(image, "picture.png")
    assert windlass.MlflowClient().list_artifacts(run.info.run_id) == []


def test_a_figure_is_kept_in_the_format_of_its_name(run):
    figure = Figure()
    figure.subplots().plot([1, 2, 3])
    for name in ("plots/a.png", "plots/a.svg"):
        windlass.log_figure(figure, name)
    files = windlass.MlflowClient().list_artifacts(run.info.run_id, "plots")
    assert [one.path for one in files] == ["plots/a.png", "plots/a.svg"]
    assert all(one.file_size > 500 for one in files)
    with pytest.raises(InvalidValue, match="matplotlib or plotly"):
        windlass.log_figure("no figure", "x.png")


def test_a_dictionary_is_yaml_where_its_name_says_so(run):
    windlass.log_dict({"größe": [1, {"b": None}]}, "config.yaml")
    uri = f"runs:/{run.info.run_id}/config.yaml"
    assert windlass.artifacts.load_text(uri).startswith("größe:")
    assert windlass.artifacts.load_dict(uri) == {"größe": [1, {"b": None}]}


def test_logged_models_are_found_as_a_table(run):
    model = windlass.initialize_logged_model(name="m", params={"depth": 3}, tags={"a": "b"})
    windlass.log_metric("acc", 0.5, model_id=model.model_id)
    windlass.finalize_logged_model(model.model_id, "READY")
    found = windlass.search_logged_models(filter_string="metrics.acc > 0.4 and params.depth = '3'")
    assert list(found["model_id"]) == [model.model_id]
    assert found.loc[0, "metrics"] == {"acc": 0.5}
    assert windlass.last_logged_model().status == "READY"
