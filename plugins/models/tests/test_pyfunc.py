"""Generic python functions."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pytest
import windlass.pyfunc

from windlass.errors import InvalidValue, NotFound, Unsupported


class Short(windlass.pyfunc.PythonModel):
    """A model without context and parameters."""

    def predict(self, model_input):
        return ["short", *model_input]


class Long(windlass.pyfunc.PythonModel):
    """A model with all that there is."""

    def predict(self, context, model_input, params=None):
        return {"config": context.model_config, "input": model_input, "params": params}


def test_predict_may_leave_out_what_it_does_not_need(tmp_path):
    windlass.pyfunc.save_model(tmp_path / "m", python_model=Short())
    model = windlass.pyfunc.load_model(tmp_path / "m")
    assert model.predict([1]) == ["short", 1]
    assert (
        isinstance(model.unwrap_python_model(), windlass.pyfunc.PythonModel)
        or type(model.unwrap_python_model()).__name__ == "Short"
    )


def test_configuration_and_parameters_reach_the_model(tmp_path):
    windlass.pyfunc.save_model(
        tmp_path / "m", python_model=Long(), model_config={"a": 1, "b": 2}, input_example=(["x"], {"t": 0.5})
    )
    model = windlass.pyfunc.load_model(tmp_path / "m", model_config={"b": 3})
    found = model.predict(["y"], {"t": 2})
    assert (found["config"], found["params"]) == ({"a": 1, "b": 3}, {"t": 2.0})
    with pytest.raises(InvalidValue, match="param t"):
        model.predict(["y"], {"t": "much"})


def test_a_function_is_a_model(tmp_path):
    windlass.pyfunc.save_model(tmp_path / "m", python_model=lambda model_input, params=None: (len(model_input), params))
    assert windlass.pyfunc.load_model(tmp_path / "m").predict([1, 2]) == (2, None)


def test_a_loader_of_the_users_own_loads_its_data(tmp_path):
    (tmp_path / "my_loader.py").write_text(
        "import pathlib\n"
        "class M:\n"
        "    def __init__(self, text): self.text = text\n"
        "    def predict(self, data): return [self.text] * len(data)\n"
        "def _load_pyfunc(path): return M(pathlib.Path(path).read_text())\n"
    )
    (tmp_path / "data.txt").write_text("hello")
    windlass.pyfunc.save_model(
        tmp_path / "m",
        loader_module="my_loader",
        data_path=tmp_path / "data.txt",
        code_paths=[str(tmp_path / "my_loader.py")],
    )
    try:
        model = windlass.pyfunc.load_model(tmp_path / "m")
        assert model.predict([1, 2]) == ["hello", "hello"]
        assert Path(sys.modules["my_loader"].__file__).is_relative_to(tmp_path / "m" / "code")
        with pytest.raises(Unsupported, match="no PythonModel"):
            model.unwrap_python_model()
    finally:
        sys.modules.pop("my_loader", None)
        sys.path[:] = [one for one in sys.path if not one.startswith(str(tmp_path))]


def test_a_loader_that_is_missing_is_named(tmp_path):
    windlass.pyfunc.save_model(tmp_path / "m", loader_module="no_such_loader")
    with pytest.raises(NotFound, match="no_such_loader"):
        windlass.pyfunc.load_model(tmp_path / "m")


def test_a_flavor_that_is_not_installed_is_named(tmp_path):
    (tmp_path / "MLmodel").write_text("flavors: {python_function: {loader_module: mlflow.prophet}}\n")
    with pytest.raises(Unsupported, match=r"mlflow\.prophet .*sklearn"):
        windlass.pyfunc.load_model(tmp_path)


@pytest.mark.parametrize(
    "options",
    [{}, {"python_model": 3}, {"python_model": Short(), "loader_module": "x"},
     {"python_model": Short(), "artifacts": {"../x": "a"}},
     {"python_model": Short(), "artifacts": {"x": "missing.txt"}}, {"loader_module": "x", "data_path": "missing"}],
)  # fmt: skip
def test_what_cannot_be_saved_leaves_nothing(options, tmp_path):
    with pytest.raises(InvalidValue):
        windlass.pyfunc.save_model(tmp_path / "m", **options)
    assert list(tmp_path.iterdir()) == []


def test_the_signature_is_held_to(tmp_path):
    windlass.pyfunc.save_model(
        tmp_path / "m",
        python_model=lambda model_input: list(model_input.columns),
        input_example=pd.DataFrame({"a": [1], "b": ["x"]}),
    )
    model = windlass.pyfunc.load_model(tmp_path / "m")
    assert model.predict(pd.DataFrame({"b": ["x"], "z": [0], "a": [2]})) == ["a", "b"]
    with pytest.raises(InvalidValue, match="'b'"):
        model.predict(pd.DataFrame({"a": [2]}))


def test_a_directory_from_far_away_keeps_its_name_in_the_model(tmp_path):
    from windlass.builtin.local_artifacts import LocalArtifactRepository
    from windlass.fluent.state import current_workspace

    class Reader(windlass.pyfunc.PythonModel):
        def predict(self, context, model_input, params=None):
            return Path(context.artifacts["key"], "a.txt").read_text()

    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "a.txt").write_text("hello")
    windlass.set_tracking_uri("memory://far-away-artifacts")
    current_workspace().artifacts._open["far://host/words"] = LocalArtifactRepository(tmp_path / "tree")
    windlass.pyfunc.save_model(tmp_path / "m", python_model=Reader(), artifacts={"key": "far://host/words"})
    assert (tmp_path / "m" / "artifacts" / "key" / "words" / "a.txt").is_file()
    assert windlass.pyfunc.load_model(tmp_path / "m").predict([1]) == "hello"
