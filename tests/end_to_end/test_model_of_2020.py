"""A model file as articles of 2020 show it: registered, promoted, loaded and served."""

from __future__ import annotations

import json
import pickle
import re
import subprocess
import sys
import time
from urllib.request import Request, urlopen

import pytest

import windlass

MLMODEL = """\
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


@pytest.fixture
def tree():
    from sklearn.datasets import load_iris
    from sklearn.tree import DecisionTreeClassifier

    return DecisionTreeClassifier(max_depth=3, random_state=0).fit(*load_iris(return_X_y=True))


@pytest.fixture
def registered(tmp_path, tree):
    """The model as `models:/old/Production` of the project in `tmp_path`."""
    directory = tmp_path / "old-model"
    directory.mkdir()
    (directory / "MLmodel").write_text(MLMODEL)
    (directory / "conda.yaml").write_text("name: mlflow-env\n")
    (directory / "model.pkl").write_bytes(pickle.dumps(tree))
    windlass.set_tracking_uri(f"sqlite:///{tmp_path}/.windlass/windlass.db")
    version = windlass.register_model(str(directory), "old")
    windlass.MlflowClient().transition_model_version_stage("old", version.version, "Production")
    return "models:/old/Production"


ROWS = [[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]]


def test_it_loads_with_a_warning_that_names_its_version(registered, tree):
    with pytest.warns(Warning, match=r"0\.21\.3"):
        loaded = windlass.pyfunc.load_model(registered)
    assert list(loaded.predict(ROWS)) == list(tree.predict(ROWS))


def test_it_is_served(registered, tree, tmp_path):
    log = (tmp_path / "serve.log").open("w+")
    command = [sys.executable, "-m", "windlass", "models", "serve", "-m", registered, "-p", "0"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=subprocess.STDOUT)
    try:
        give_up = time.monotonic() + 60
        while not (found := re.search(r"http://127\.0\.0\.1:\d+", (tmp_path / "serve.log").read_text())):
            assert process.poll() is None, (tmp_path / "serve.log").read_text()
            assert time.monotonic() < give_up
            time.sleep(0.05)
        request = Request(f"{found[0]}/invocations", json.dumps({"instances": ROWS}).encode())
        request.add_header("Content-Type", "application/json")
        with urlopen(request, timeout=30) as answer:
            assert json.load(answer)["predictions"] == tree.predict(ROWS).tolist()
    finally:
        process.terminate()
        process.wait(30)
        log.close()
