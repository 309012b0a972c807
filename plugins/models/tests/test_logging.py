"""Logging models: stored, recorded in the run, registered."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import windlass.models
import windlass.pyfunc
import windlass.sklearn

import windlass
from windlass.entities import LoggedModelStatus
from windlass.errors import InvalidValue
from windlass_models.warning import ModelWarning

pytestmark = pytest.mark.usefixtures("project")


def test_a_model_is_logged_registered_and_loaded_by_every_uri(forest, iris):
    table, _ = iris
    with windlass.start_run() as run:
        info = windlass.sklearn.log_model(
            forest,
            "model",
            input_example=table.head(3),
            registered_model_name="flowers",
            params={"depth": 3},
            tags={"team": "a"},
        )
    assert info.model_uri == f"models:/{info.model_id}"
    assert (info.run_id, info.registered_model_version, info.name) == (run.info.run_id, 1, "model")
    assert info.model_uuid == info.model_id
    assert info.signature.inputs.input_names() == list(table.columns)
    logged = windlass.get_logged_model(info.model_id)
    assert (logged.status, dict(logged.params), dict(logged.tags)) == (
        LoggedModelStatus.READY,
        {"depth": "3"},
        {"team": "a"},
    )
    assert logged.source_run_id == run.info.run_id
    assert [one.model_id for one in windlass.get_run(run.info.run_id).outputs.model_outputs] == [info.model_id]
    for uri in (
        info.model_uri,
        "models:/flowers/1",
        "models:/flowers/latest",
        f"runs:/{run.info.run_id}/model",
        info.artifact_path,
    ):
        np.testing.assert_array_equal(windlass.pyfunc.load_model(uri).predict(table), forest.predict(table))
    version = windlass.register_model(f"runs:/{run.info.run_id}/model", "flowers")
    assert (version.version, version.model_id) == (2, info.model_id)


def test_no_run_is_needed(forest):
    info = windlass.sklearn.log_model(forest, name="model")
    assert info.run_id is None
    assert windlass.active_run() is None
    assert windlass.get_logged_model(info.model_id).status == LoggedModelStatus.READY


def test_a_failure_leaves_a_failed_model_and_goes_on_to_the_caller():
    with windlass.start_run() as run, pytest.raises(InvalidValue):
        windlass.sklearn.log_model(object(), "model", serialization_format="json")
    assert windlass.last_logged_model().status == LoggedModelStatus.FAILED
    assert windlass.get_run(run.info.run_id).outputs.model_outputs == ()


def test_a_logged_model_can_be_filled_that_was_made_before(forest):
    made = windlass.initialize_logged_model(name="early")
    info = windlass.sklearn.log_model(forest, model_id=made.model_id)
    assert (info.model_id, info.name) == (made.model_id, "early")


def test_the_name_has_one_value(forest):
    with pytest.raises(InvalidValue, match="contradicts"):
        windlass.sklearn.log_model(forest, "a", name="b")


def test_a_signature_can_be_changed_later(forest, iris):
    table, y = iris
    info = windlass.sklearn.log_model(forest, "model")
    assert info.signature is None
    windlass.models.set_signature(info.model_uri, windlass.models.infer_signature(table, y))
    found = windlass.models.get_model_info(info.model_uri)
    assert found.signature.inputs.input_names() == list(table.columns)
    windlass.sklearn.load_model(info.model_uri)


def test_an_example_that_the_model_cannot_take_is_a_warning(forest):
    with pytest.warns(ModelWarning, match="no signature"):
        info = windlass.sklearn.log_model(forest, "model", input_example=pd.DataFrame({"strange": [1.0]}))
    assert info.signature is None
    assert info.saved_input_example_info["type"] == "dataframe"


def test_artifacts_of_a_run_go_into_a_model(tmp_path):
    (tmp_path / "words.txt").write_text("hello")

    class Words(windlass.pyfunc.PythonModel):
        def load_context(self, context):
            self.words = Path(context.artifacts["words"]).read_text()

        def predict(self, context, model_input):
            return [self.words] * len(model_input)

    with windlass.start_run() as run:
        windlass.log_artifact(str(tmp_path / "words.txt"))
        info = windlass.pyfunc.log_model(
            "m", python_model=Words(), artifacts={"words": f"runs:/{run.info.run_id}/words.txt"}
        )
    assert windlass.pyfunc.load_model(info.model_uri).predict([1, 2]) == ["hello", "hello"]
