"""The life of a scikit-learn model on a deployment target, through the client that users have.

For tests of targets, beside `DeploymentTargetSuite`, in environments where windlass-models and scikit-learn are.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import windlass
from windlass.errors import Unavailable

FEATURES = [[1.0, 2.0], [2.0, 1.0], [3.0, 5.0]]
"""Three rows of two numbers."""


def register_versions(directory: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Two versions of a model in a registry below `directory`, which stays chosen: sums doubled, and sums trebled."""
    linear, numpy = pytest.importorskip("sklearn.linear_model"), pytest.importorskip("numpy")
    monkeypatch.setenv("WINDLASS_TRACKING_URI", f"sqlite:///{directory}/runs.db")
    monkeypatch.setenv("WINDLASS_ARTIFACT_ROOT", (directory / "artifacts").as_uri())
    rows = numpy.array(FEATURES)
    for factor in (2.0, 3.0):
        fitted = linear.LinearRegression().fit(rows, rows.sum(axis=1) * factor)
        with windlass.start_run():
            windlass.sklearn.log_model(fitted, name="model", registered_model_name="m", input_example=rows)
    return "models:/m/1", "models:/m/2"


def log_failing_model(directory: Path, example: str = '{"inputs": [[1.0, 2.0]]}') -> str:
    """The URI of a model that loads, and fails on its own example."""

    def fails(model_input: Any) -> Any:
        raise RuntimeError(f"no answer to {model_input}")

    windlass.pyfunc.save_model(directory / "failing", python_model=fails)
    (directory / "failing" / "serving_input_example.json").write_text(example)
    (directory / "failing" / "SHA256SUMS").unlink()
    with windlass.start_run() as run:
        windlass.log_artifacts(str(directory / "failing"), "failing")
    return f"runs:/{run.info.run_id}/failing"


def expected(model_uri: str) -> list[float]:
    """What the model predicts of `FEATURES` in this process."""
    rows = pytest.importorskip("numpy").array(FEATURES)
    return windlass.pyfunc.load_model(model_uri).predict(rows).tolist()  # type: ignore[no-any-return]  # of the model


def check_life(target: str, versions: tuple[str, str], *, config: Mapping[str, Any] | None = None) -> None:
    """Create, predict, update, roll back and delete; each answer is what the model says in this process."""
    client = windlass.deployments.get_deploy_client(target)
    in_process = [expected(uri) for uri in versions]
    try:
        client.create_deployment("life", versions[0], config=config)
        assert client.predict("life", FEATURES)["predictions"] == in_process[0]
        client.update_deployment("life", versions[1])
        assert client.predict("life", FEATURES)["predictions"] == in_process[1]
        assert client.rollback_deployment("life")["resolved_uri"] == versions[0]
        assert client.predict("life", FEATURES)["predictions"] == in_process[0]
    finally:
        client.delete_deployment("life")
    assert "life" not in [one["name"] for one in client.list_deployments()]


def check_taking_back(target: str, model_uri: str, failing: str, *, config: Mapping[str, Any] | None = None) -> None:
    """A model that fails on its own example does not stay; the one before it answers again."""
    client = windlass.deployments.get_deploy_client(target)
    client.create_deployment("sick", model_uri, config=config)
    try:
        with pytest.raises(Unavailable, match=rf"failed its health check.*{model_uri} was deployed again"):
            client.update_deployment("sick", failing)
        assert client.get_deployment("sick")["resolved_uri"] == model_uri
        assert client.predict("sick", FEATURES)["predictions"] == expected(model_uri)
    finally:
        client.delete_deployment("sick")


def check_canary(target: str, versions: tuple[str, str], *, config: Mapping[str, Any] | None = None) -> None:
    """Both versions answer while one is the canary of the other, and then the canary alone."""
    client = windlass.deployments.get_deploy_client(target)
    in_process = [expected(uri) for uri in versions]
    client.create_deployment("bird", versions[0], config=config)
    try:
        client.update_deployment("bird", versions[1], canary=50)
        answers = [client.predict("bird", FEATURES)["predictions"] for _ in range(30)]
        assert all(one in in_process for one in answers)
        assert all(one in answers for one in in_process)
        client.set_canary("bird", 100)
        assert client.predict("bird", FEATURES)["predictions"] == in_process[1]
    finally:
        client.delete_deployment("bird")
