"""The life of a model of the registry on a target, as users see it."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

import windlass

_FEATURES = [[1.0, 2.0], [2.0, 1.0], [3.0, 5.0]]


@pytest.fixture
def versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two versions of a scikit-learn model in a registry."""
    linear = importlib.import_module("sklearn.linear_model")
    sklearn = importlib.import_module("windlass.sklearn")
    numpy = importlib.import_module("numpy")
    monkeypatch.setenv("WINDLASS_TRACKING_URI", f"sqlite:///{tmp_path}/runs.db")
    monkeypatch.setenv("WINDLASS_ARTIFACT_ROOT", (tmp_path / "artifacts").as_uri())
    features = numpy.array(_FEATURES)
    for factor in (2.0, 3.0):
        fitted = linear.LinearRegression().fit(features, features.sum(axis=1) * factor)
        with windlass.start_run():
            sklearn.log_model(fitted, name="model", registered_model_name="m", input_example=features)
    return ["models:/m/1", "models:/m/2"]


def live(target: str, versions: Sequence[str], config: Mapping[str, str]) -> None:
    """Create, predict, update, try a canary, roll back and delete; predictions equal those made in this process."""
    numpy = importlib.import_module("numpy")
    pyfunc = importlib.import_module("windlass.pyfunc")
    features = numpy.array(_FEATURES)
    client = windlass.deployments.get_deploy_client(target)
    in_process = [pyfunc.load_model(uri).predict(features).tolist() for uri in versions]
    client.create_deployment("life", versions[0], config=config)
    assert client.predict("life", features)["predictions"] == in_process[0]
    client.update_deployment("life", versions[1])
    assert client.predict("life", features)["predictions"] == in_process[1]
    assert client.rollback_deployment("life")["resolved_uri"] == versions[0]
    assert client.predict("life", features)["predictions"] == in_process[0]
    client.update_deployment("life", versions[1], canary=50)
    answers = [client.predict("life", features)["predictions"] for _ in range(30)]
    assert all(one in answers for one in in_process)
    client.set_canary("life", 100)
    assert client.predict("life", features)["predictions"] == in_process[1]
    client.delete_deployment("life")
    assert client.list_deployments() == []
