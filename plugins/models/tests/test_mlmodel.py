"""The MLmodel file and what lies beside it."""

from __future__ import annotations

import pickle
from importlib.metadata import version

import numpy as np
import pytest
import windlass.models
import windlass.pyfunc
import windlass.sklearn
import yaml

from windlass.errors import AlreadyExists, InvalidValue, NotFound
from windlass_models.environment import choose_requirements
from windlass_models.mlmodel import Model
from windlass_models.warning import ModelWarning

FILE_OF_2020 = """\
artifact_path: model
flavors:
  python_function:
    data: model.pkl
    env: conda.yaml
    loader_module: mlflow.sklearn
    python_version: 3.7.3
  sklearn:
    pickled_model: model.pkl
    serialization_format: cloudpickle
    sklearn_version: 0.21.3
run_id: 29eddffdb8e24874a95ed75a8a7c17e2
utc_time_created: '2020-02-28 13:26:18.918830'
"""
FILE_OF_2021 = FILE_OF_2020.replace("data: model.pkl", "model_path: model.pkl").replace("0.21.3", "0.24.2")


@pytest.mark.parametrize("text", [FILE_OF_2020, FILE_OF_2021], ids=["2020", "2021"])
def test_models_of_old_load_with_a_warning_that_names_their_library(text, forest, iris, tmp_path, monkeypatch):
    table, _ = iris
    (tmp_path / "MLmodel").write_text(text)
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(forest))
    monkeypatch.setenv("WINDLASS_ALLOW_PICKLE", "true")
    with pytest.warns(ModelWarning, match=r"0\.2[14]\.[32]"):
        loaded = windlass.pyfunc.load_model(tmp_path)
    np.testing.assert_array_equal(loaded.predict(table), forest.predict(table))
    info = windlass.models.get_model_info(str(tmp_path))
    assert (info.model_uuid, info.mlflow_version, info.signature) == (None, None, None)
    assert info.utc_time_created.startswith("202")


@pytest.mark.usefixtures("project")
def test_a_model_of_old_is_registered_and_loaded_from_there(forest, iris, tmp_path):
    import windlass

    table, _ = iris
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "MLmodel").write_text(FILE_OF_2020)
    (tmp_path / "old" / "model.pkl").write_bytes(pickle.dumps(forest))
    windlass.register_model(str(tmp_path / "old"), "old")
    with pytest.warns(ModelWarning):
        np.testing.assert_array_equal(windlass.pyfunc.load_model("models:/old/1").predict(table), forest.predict(table))


def test_what_is_not_known_is_kept(tmp_path):
    (tmp_path / "MLmodel").write_text("flavors: {x: {a: 1}}\nnew_key: [1, 2]\nmodel_id: m-1\n")
    model = Model.load(tmp_path)
    model.save(tmp_path / "again")
    assert yaml.safe_load((tmp_path / "again").read_text()) == {
        "flavors": {"x": {"a": 1}},
        "new_key": [1, 2],
        "model_id": "m-1",
    }


@pytest.mark.parametrize("text", ["", "[1]", "flavors: 3", "a: [", "\t"])
def test_a_broken_file_is_an_invalid_value(text, tmp_path):
    (tmp_path / "MLmodel").write_text(text)
    with pytest.raises(InvalidValue):
        Model.load(tmp_path)


def test_a_missing_model_is_not_found(tmp_path):
    with pytest.raises(NotFound, match="no model"):
        windlass.pyfunc.load_model(tmp_path)
    with pytest.raises(NotFound, match="no directory"):
        windlass.pyfunc.load_model(tmp_path / "missing")


def test_yaml_that_makes_objects_is_refused(tmp_path):
    (tmp_path / "MLmodel").write_text("flavors: !!python/object/apply:os.system ['true']\n")
    with pytest.raises(InvalidValue):
        Model.load(tmp_path)


def test_a_model_directory_has_all_that_it_needs(forest, iris, tmp_path):
    table, _ = iris
    windlass.sklearn.save_model(forest, tmp_path / "m", input_example=table.head(2), metadata={"team": "a"})
    names = {path.name for path in (tmp_path / "m").iterdir()}
    assert names == {
        "MLmodel", "SHA256SUMS", "conda.yaml", "input_example.json", "model.skops", "python_env.yaml",
        "requirements.txt",
        "serving_input_example.json",
    }  # fmt: skip
    requirements = (tmp_path / "m" / "requirements.txt").read_text().splitlines()
    assert f"scikit-learn=={version('scikit-learn')}" in requirements
    conda = yaml.safe_load((tmp_path / "m" / "conda.yaml").read_text())
    assert conda["dependencies"][-1] == {"pip": requirements}
    assert yaml.safe_load((tmp_path / "m" / "python_env.yaml").read_text())["dependencies"] == ["-r requirements.txt"]
    model = Model.load(tmp_path / "m")
    assert model.metadata == {"team": "a"}
    assert model.model_size_bytes > 1000
    assert model.load_input_example(tmp_path / "m").equals(table.head(2))


def test_a_directory_with_something_in_it_is_left_alone(forest, tmp_path):
    (tmp_path / "m").mkdir()
    windlass.sklearn.save_model(forest, tmp_path / "m")
    with pytest.raises(AlreadyExists):
        windlass.sklearn.save_model(forest, tmp_path / "m")
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


def test_requirements_are_the_users_or_the_flavors(tmp_path):
    default = ["scikit-learn==1.0", "numpy==1.0"]
    assert choose_requirements(default) == default
    assert choose_requirements(default, pip_requirements=["a==1"]) == ["a==1"]
    assert choose_requirements(default, extra_pip_requirements=["Scikit_Learn==2.0", "b"]) == [
        "numpy==1.0",
        "Scikit_Learn==2.0",
        "b",
    ]
    (tmp_path / "r.txt").write_text("# comment\na==1\n\n")
    assert choose_requirements(default, pip_requirements=str(tmp_path / "r.txt")) == ["a==1"]
    with pytest.raises(InvalidValue):
        choose_requirements(default, pip_requirements=["a"], extra_pip_requirements=["b"])


def test_a_conda_environment_of_the_users_own_is_kept(forest, tmp_path):
    conda = {"name": "mine", "dependencies": ["python=3.11", {"pip": ["scikit-learn==1.9.1"]}]}
    windlass.sklearn.save_model(forest, tmp_path / "m", conda_env=conda)
    assert yaml.safe_load((tmp_path / "m" / "conda.yaml").read_text()) == conda
    assert (tmp_path / "m" / "requirements.txt").read_text() == "scikit-learn==1.9.1\n"
