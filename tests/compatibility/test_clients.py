"""Unmodified MLflow clients against a real server process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "scripts" / "life_cycle.py"
VERSIONS = ("3.17.2", "2.22.5")


@pytest.fixture
def seen(server, mlflow_python, run_in, tmp_path):
    """What a client saw of a model's life."""
    output = run_in(mlflow_python, SCRIPT.read_text(), server.url, DO_NOT_TRACK="true", HOME=str(tmp_path))
    return json.loads(output.splitlines()[-1])


@pytest.mark.timeout(240)
@pytest.mark.parametrize("mlflow_python", VERSIONS, indirect=True)
def test_a_client_lives_through_a_models_life(seen):
    assert seen["location"].startswith("mlflow-artifacts:/")

    # Tracking
    assert (seen["status"], seen["run_name"], seen["note"]) == ("FINISHED", "first", "with 'quotes'")
    assert seen["params"] == {"alpha": "0.5", "depth": "3", "größe": "ü"}
    assert seen["metrics"] == {"accuracy": "0.75", "infinite": "inf", "loss": str(1 / 3), "nan": "nan"}
    assert seen["datasets"] == ["set"]
    assert seen["history"] == [1.0, 0.5, 1 / 3]
    assert seen["table"] == {"rows": 1, "alpha": "0.5", "loss": 1 / 3}
    assert seen["ordered"] == [5.0, 1 / 3]
    assert seen["by_name"] == ["life cycle"]

    # Files
    assert {"data.json", "files", "plots", "texts", "tree"} <= set(seen["files"])
    assert (seen["tree"], seen["size"], seen["fetched"]) == (["tree/er/x.txt"], 256_000, True)
    assert (seen["text"], seen["dict"]) == ("hello", {"a": [1, 2]})

    # The registry
    assert seen["versions"] == [1, 2]
    assert seen["stage"] == "Production"
    assert (seen["stages"], seen["latest"]) == ({"1": "Archived", "2": "Production"}, ["2"])
    assert (seen["alias"], seen["version_tags"]) == ("1", {"checked": "yes"})
    assert seen["registered"] == {"tags": {"owner": "me"}, "aliases": {"champion": "1"}}
    predictions = {key: value for key, value in seen.items() if key.startswith("predicted")}
    assert len(predictions) == 4
    assert all(value == [0, 0, 1, 1] for value in [*predictions.values(), seen["native"]])
    if seen["client"].startswith("3."):
        assert seen["logged_models"] == [["model", "READY"]]
    assert seen["models_left"] == []

    # The bin, and what is refused
    assert (seen["deleted"], seen["restored"], seen["experiment_deleted"]) == ("deleted", "active", "deleted")
    assert (seen["renamed"], seen["missing_by_name"]) == (True, True)
    assert seen["write_to_deleted"] == "INVALID_PARAMETER_VALUE"
    assert seen["errors"] == {
        "missing run": "RESOURCE_DOES_NOT_EXIST",
        "missing model": "RESOURCE_DOES_NOT_EXIST",
        "taken name": "RESOURCE_ALREADY_EXISTS",
        "changed param": "INVALID_PARAMETER_VALUE",
        "bad filter": "INVALID_PARAMETER_VALUE",
    }
