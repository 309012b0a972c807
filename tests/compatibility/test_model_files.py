"""Models that we write load in MLflow, and models that MLflow writes load here."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import windlass.models
import windlass.pyfunc
import windlass.sklearn
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier

FORMATS = ("skops", "cloudpickle", "pickle")

READ = """
import json, sys, mlflow, pandas as pd
from sklearn.datasets import load_breast_cancer
table, _ = load_breast_cancer(return_X_y=True, as_frame=True)
table = table.iloc[:, :5]
found = []
for path in sys.argv[1:]:
    native = mlflow.sklearn.load_model(path)
    generic = mlflow.pyfunc.load_model(path)
    info = mlflow.models.get_model_info(path)
    found.append({
        "native": native.predict(table).tolist(), "generic": generic.predict(table).tolist(),
        "inputs": info.signature.inputs.to_dict(), "outputs": info.signature.outputs.to_dict(),
        "example": generic.input_example.to_dict("list"), "uuid": info.model_uuid,
    })
print(json.dumps(found))
"""

READ_PYTHON_MODEL = """
import json, sys, mlflow
model = mlflow.pyfunc.load_model(sys.argv[1])
print(json.dumps([model.predict([{"a": 3, "b": "y"}], params={"t": 1.5}), model.input_example]))
"""

WRITE = """
import sys, mlflow, pandas as pd
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
table, y = load_breast_cancer(return_X_y=True, as_frame=True)
table = table.iloc[:, :5]
model = RandomForestClassifier(5, random_state=0).fit(table, y)
trusted = {"skops_trusted_types": ["sklearn.tree._tree.Tree"]}
for path in sys.argv[1:]:
    form = path.rpartition("/")[2]
    # Without requirements of its own MLflow loads each model in a new process to find them.
    more = {"pip_requirements": ["scikit-learn"], **(trusted if form == "skops" else {})}
    mlflow.sklearn.save_model(model, path, serialization_format=form, input_example=table.head(3), **more)
"""

WRITE_PYTHON_MODEL = """
import sys, mlflow
with open("words.txt", "w") as file:
    file.write("hello")
class Words(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        with open(context.artifacts["words"]) as file:
            self.words = file.read()
    def predict(self, context, model_input, params=None):
        return [self.words, len(model_input), params, context.model_config]
mlflow.pyfunc.save_model(sys.argv[1], python_model=Words(), artifacts={"words": "words.txt"}, model_config={"k": 1},
                         pip_requirements=["numpy"],
                         input_example=({"a": 1, "b": "x"}, {"t": 0.5}))
"""

WRITE_SIGNATURES = """
import json, sys, numpy as np, pandas as pd
from mlflow.models import infer_signature
frame = pd.DataFrame({"b": [True], "i": np.array([1], "int32"), "l": [1], "f": np.array([1], "float32"), "d": [1.5],
                      "s": ["x"], "y": [b"x"], "t": pd.to_datetime(["2020-01-01"]), "o": [None]})
cases = [
    infer_signature(frame, np.zeros((2, 3)), {"a": 1, "b": [1.5], "c": "x", "d": True}),
    infer_signature({"a": np.zeros((2, 2), "float32"), "b": np.zeros(2, "int64")}),
    infer_signature([{"a": 1, "b": ["x"], "c": {"d": 1.5}}], ["x"]),
]
print(json.dumps([case.to_dict() for case in cases]))
"""


@pytest.fixture(scope="module")
def data():
    table, y = load_breast_cancer(return_X_y=True, as_frame=True)
    return table.iloc[:, :5], y


@pytest.fixture(scope="module")
def forest(data):
    return RandomForestClassifier(5, random_state=0).fit(*data)


# One process of MLflow for all formats, as it takes many seconds to start.
@pytest.mark.timeout(240)
def test_mlflow_reads_our_sklearn_models(mlflow_python, run_in, forest, data, tmp_path):
    table, _ = data
    saved = [
        windlass.sklearn.save_model(forest, tmp_path / one, serialization_format=one, input_example=table.head(3))
        for one in FORMATS
    ]
    paths = [str(tmp_path / one) for one in FORMATS]
    read = json.loads(run_in(mlflow_python, READ, *paths, timeout=200, MLFLOW_ALLOW_PICKLE_DESERIALIZATION="true"))
    for found, ours in zip(read, saved, strict=True):
        assert found["native"] == found["generic"] == forest.predict(table).tolist()
        assert found["inputs"] == ours.signature.inputs.to_dict()
        assert found["outputs"] == ours.signature.outputs.to_dict()
        assert found["example"] == table.head(3).to_dict("list")
        assert found["uuid"] == ours.model_uuid


@pytest.mark.timeout(240)
def test_we_read_mlflows_sklearn_models(mlflow_python, run_in, forest, data, tmp_path, monkeypatch):
    table, _ = data
    run_in(mlflow_python, WRITE, *(str(tmp_path / one) for one in FORMATS), timeout=200)
    for one in FORMATS:
        monkeypatch.setenv("WINDLASS_ALLOW_PICKLE", "owned" if one == "skops" else "true")
        assert windlass.sklearn.load_model(tmp_path / one).predict(table).tolist() == forest.predict(table).tolist()
        generic = windlass.pyfunc.load_model(tmp_path / one)
        assert generic.predict(table).tolist() == forest.predict(table).tolist()
        assert generic.metadata.load_input_example(tmp_path / one).equals(table.head(3))
        inferred = windlass.models.infer_signature(table.head(3)).to_dict()
        assert inferred["inputs"] == generic.metadata.signature.to_dict()["inputs"]


def test_mlflow_reads_our_python_models(mlflow_python, run_in, tmp_path):
    class Words(windlass.pyfunc.PythonModel):
        def load_context(self, context):
            self.words = Path(context.artifacts["words"]).read_text()

        def predict(self, context, model_input, params=None):
            return [self.words, len(model_input), params, context.model_config]

    (tmp_path / "words.txt").write_text("hello")
    windlass.pyfunc.save_model(
        tmp_path / "m",
        python_model=Words(),
        artifacts={"words": str(tmp_path / "words.txt")},
        model_config={"k": 1},
        input_example=({"a": 1, "b": "x"}, {"t": 0.5}),
    )
    found = json.loads(run_in(mlflow_python, READ_PYTHON_MODEL, str(tmp_path / "m")))
    assert found == [["hello", 1, {"t": 1.5}, {"k": 1}], {"a": 1, "b": "x"}]


def test_we_read_mlflows_python_models(mlflow_python, run_in, tmp_path, monkeypatch):
    run_in(mlflow_python, WRITE_PYTHON_MODEL, str(tmp_path / "m"))
    monkeypatch.setenv("WINDLASS_ALLOW_PICKLE", "true")
    model = windlass.pyfunc.load_model(tmp_path / "m")
    assert model.predict([{"a": 3, "b": "y"}], {"t": 1.5}) == ["hello", 1, {"t": 1.5}, {"k": 1}]
    assert model.metadata.load_input_example(tmp_path / "m") == {"a": 1, "b": "x"}


def test_signatures_are_inferred_alike(mlflow_python, run_in):
    frame = pd.DataFrame({
        "b": [True], "i": np.array([1], "int32"), "l": [1], "f": np.array([1], "float32"), "d": [1.5], "s": ["x"],
        "y": [b"x"], "t": pd.to_datetime(["2020-01-01"]), "o": [None],
    })  # fmt: skip
    infer = windlass.models.infer_signature
    ours = [
        infer(frame, np.zeros((2, 3)), {"a": 1, "b": [1.5], "c": "x", "d": True}),
        infer({"a": np.zeros((2, 2), "float32"), "b": np.zeros(2, "int64")}),
        infer([{"a": 1, "b": ["x"], "c": {"d": 1.5}}], ["x"]),
    ]
    theirs = json.loads(run_in(mlflow_python, WRITE_SIGNATURES))
    for our, their in zip(ours, theirs, strict=True):
        assert {k: v and json.loads(v) for k, v in our.to_dict().items()} == {
            k: v and json.loads(v) for k, v in their.items()
        }
