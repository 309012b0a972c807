"""A model's life as an unmodified MLflow client of Python lives it; argument 1 is the server's URL.

Argument 2, whatever it is, says that the user is no administrator of a server with accounts.

Prints a JSON object: for each thing that was tried `yes`, or `-` where this release of the client has no call for it.
What fails ends the script with its traceback.
"""

from __future__ import annotations

import json
import math
import sys
import tempfile
import warnings
from contextlib import contextmanager
from pathlib import Path

warnings.filterwarnings("ignore")

import mlflow  # noqa: E402
import mlflow.pyfunc  # noqa: E402
import mlflow.sklearn  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402
from mlflow.entities import Metric, Param, RunTag, ViewType  # noqa: E402
from mlflow.exceptions import MlflowException  # noqa: E402
from mlflow.tracking import MlflowClient  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402

RELEASE = tuple(int(part) for part in mlflow.__version__.split(".")[:2])
X, Y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array([0, 0, 1, 1])
BYTES = bytes(range(256)) * 1000

seen: dict[str, str] = {}
mlflow.set_tracking_uri(sys.argv[1])
client = MlflowClient()
experiment_id = client.create_experiment("life cycle")
run = client.create_run(experiment_id)
run_id = run.info.run_id


def step(name, since=(1, 0)):
    """Do it now, if this release can."""

    def decorate(action):
        if since <= RELEASE:
            action()
        seen[name] = "yes" if since <= RELEASE else "-"
        return action

    return decorate


@contextmanager
def refused(code):
    """What is inside must be refused with this code."""
    came = "nothing"
    try:
        yield
    except MlflowException as error:
        came = error.error_code
    assert came == code


@step("experiments: create, find, tag, search")
def experiments():
    found = client.get_experiment_by_name("life cycle")
    assert found.experiment_id == experiment_id
    assert found.artifact_location.startswith("mlflow-artifacts:/")
    assert client.get_experiment_by_name("none such") is None
    client.set_experiment_tag(experiment_id, "team", "ships")
    assert client.get_experiment(experiment_id).tags == {"team": "ships"}
    if RELEASE >= (1, 28):
        named = client.search_experiments(filter_string="name LIKE 'life%'")
        assert [one.name for one in named] == ["life cycle"]
    if RELEASE < (2, 0):
        assert {one.name for one in client.list_experiments()} == {"Default", "life cycle"}
        assert [one.run_id for one in client.list_run_infos(experiment_id)] == [run_id]


@step("the fluent API: start, nest and end runs")
def fluent():
    mlflow.set_experiment("life cycle")
    with mlflow.start_run(run_name="outer", tags={"kind": "demo"}) as outer:
        mlflow.log_param("alpha", 0.5)
        mlflow.log_metric("score", 5.0)
        with mlflow.start_run(run_name="inner", nested=True) as inner:
            mlflow.set_tag("depth", 2)
    found = mlflow.get_run(outer.info.run_id)
    assert (found.info.status, found.data.tags["kind"]) == ("FINISHED", "demo")
    assert found.data.tags["mlflow.runName"] == "outer"
    assert mlflow.get_run(inner.info.run_id).data.tags["mlflow.parentRunId"] == outer.info.run_id


@step("params and tags")
def params_and_tags():
    client.log_param(run_id, "größe", "ü")
    client.log_param(run_id, "größe", "ü")
    client.set_tag(run_id, "note", "with 'quotes' and \"more\"")
    client.set_tag(run_id, "gone", "x")
    client.delete_tag(run_id, "gone")
    data = client.get_run(run_id).data
    assert (data.params, data.tags["note"]) == ({"größe": "ü"}, "with 'quotes' and \"more\"")
    assert "gone" not in data.tags
    with refused("INVALID_PARAMETER_VALUE"):
        client.log_param(run_id, "größe", "other")


@step("metrics with history, NaN and infinities")
def metrics():
    for number in range(3):
        client.log_metric(run_id, "loss", 1.0 / (number + 1), step=number)
    client.log_metric(run_id, "nan", math.nan)
    client.log_metric(run_id, "infinite", -math.inf)
    latest = client.get_run(run_id).data.metrics
    assert (latest["loss"], latest["infinite"]) == (1 / 3, -math.inf)
    assert math.isnan(latest["nan"])
    assert [point.value for point in client.get_metric_history(run_id, "loss")] == [1.0, 0.5, 1 / 3]


@step("batches")
def batches():
    points = [Metric("many", float(number), 1, number) for number in range(1000)]
    client.log_batch(run_id, metrics=points)
    client.log_batch(run_id, params=[Param("p", "1")], tags=[RunTag("t", "2")])
    assert len(client.get_metric_history(run_id, "many")) == 1000
    assert client.get_run(run_id).data.params["p"] == "1"


@step("files: log, list, fetch")
def files():
    with tempfile.TemporaryDirectory() as directory:
        local = Path(directory, "ünïcode name.bin")
        local.write_bytes(BYTES)
        client.log_artifact(run_id, str(local), "files")
        Path(directory, "deep", "er").mkdir(parents=True)
        Path(directory, "deep", "er", "x.txt").write_text("x")
        client.log_artifacts(run_id, str(Path(directory, "deep")), "tree")
        figure = Figure()
        figure.subplots().plot([1, 2, 3])
        client.log_figure(run_id, figure, "plots/line.png")
        client.log_text(run_id, "hello", "texts/hello.txt")
        client.log_dict(run_id, {"a": [1, 2]}, "data.json")
        fetched = Path(client.download_artifacts(run_id, "files/ünïcode name.bin", directory))
        assert fetched.read_bytes() == BYTES
        assert Path(client.download_artifacts(run_id, "tree", directory), "er", "x.txt").read_text() == "x"
    assert [one.path for one in client.list_artifacts(run_id)] == ["data.json", "files", "plots", "texts", "tree"]
    assert [(one.path, one.file_size) for one in client.list_artifacts(run_id, "files")] == [
        ("files/ünïcode name.bin", len(BYTES))
    ]


@step("data sets", since=(2, 4))
def datasets():
    with mlflow.start_run(run_id=run_id):
        mlflow.log_input(mlflow.data.from_pandas(pd.DataFrame({"x": [1, 2]}), name="set"), context="training")
    assert [one.dataset.name for one in client.get_run(run_id).inputs.dataset_inputs] == ["set"]


@step("search of runs: filter, order, pages")
def search():
    found = client.search_runs([experiment_id], "metrics.loss < 0.5 and params.p = '1' and tags.t LIKE '2%'")
    assert [one.info.run_id for one in found] == [run_id]
    first = client.search_runs([experiment_id], order_by=["metrics.score DESC"], max_results=1)
    second = client.search_runs([experiment_id], order_by=["metrics.score DESC"], max_results=9, page_token=first.token)
    assert (first[0].data.metrics["score"], len(second)) == (5.0, 2)
    table = mlflow.search_runs([experiment_id], "metrics.loss < 0.5")
    assert (len(table), table["metrics.loss"][0]) == (1, 1 / 3)
    with refused("INVALID_PARAMETER_VALUE"):
        client.search_runs([experiment_id], "no such thing")


@step("models: log, and load from the run")
def models():
    model = LogisticRegression().fit(X, Y)
    where = {"name": "model"} if RELEASE >= (3, 0) else {"artifact_path": "model"}
    with mlflow.start_run(run_id=run_id):
        mlflow.sklearn.log_model(
            model, registered_model_name="ship", input_example=X[:2], serialization_format="cloudpickle", **where
        )
    loaded = mlflow.sklearn.load_model(f"runs:/{run_id}/model")
    assert loaded.predict(X).tolist() == [0, 0, 1, 1]


@step("logged models", since=(3, 0))
def logged_models():
    found = mlflow.search_logged_models([experiment_id], output_format="list")
    assert [(one.name, str(one.status)) for one in found] == [("model", "READY")]


@step("the registry: models, versions, tags, search")
def registry():
    mlflow.register_model(f"runs:/{run_id}/model", "ship")
    assert sorted(int(one.version) for one in client.search_model_versions("name='ship'")) == [1, 2]
    client.update_model_version("ship", "1", description="first of its kind")
    client.set_model_version_tag("ship", "1", "checked", "yes")
    client.set_registered_model_tag("ship", "owner", "me")
    version = client.get_model_version("ship", "1")
    assert (version.description, version.tags, version.run_id) == ("first of its kind", {"checked": "yes"}, run_id)
    assert client.get_registered_model("ship").tags == {"owner": "me"}
    assert [one.name for one in client.search_registered_models()] == ["ship"]
    if RELEASE < (2, 0):
        assert [one.name for one in client.list_registered_models()] == ["ship"]
    with refused("RESOURCE_ALREADY_EXISTS"):
        client.create_registered_model("ship")
    with refused("RESOURCE_DOES_NOT_EXIST"):
        client.get_registered_model("none")


@step("stages")
def stages():
    assert client.transition_model_version_stage("ship", "1", "Production").current_stage == "Production"
    client.transition_model_version_stage("ship", "2", "Production", archive_existing_versions=True)
    found = {str(one.version): one.current_stage for one in client.search_model_versions("name='ship'")}
    assert found == {"1": "Archived", "2": "Production"}
    assert [str(one.version) for one in client.get_latest_versions("ship", stages=["Production"])] == ["2"]


@step("aliases", since=(2, 3))
def aliases():
    client.set_registered_model_alias("ship", "champion", "1")
    assert str(client.get_model_version_by_alias("ship", "champion").version) == "1"
    assert mlflow.pyfunc.load_model("models:/ship@champion").predict(X).tolist() == [0, 0, 1, 1]
    client.delete_registered_model_alias("ship", "champion")
    assert client.get_registered_model("ship").aliases == {}


@step("models: load by version and stage")
def loading():
    for uri in ("models:/ship/1", "models:/ship/Production"):
        assert mlflow.pyfunc.load_model(uri).predict(X).tolist() == [0, 0, 1, 1]


@step("webhooks", since=(3, 6))
def webhooks():
    from mlflow.entities.webhook import WebhookEvent, WebhookStatus

    if len(sys.argv) > 2:
        # Webhooks tell of everything, so they are for administrators only.
        with refused("PERMISSION_DENIED"):
            client.list_webhooks()
        return
    # Nothing happens there before it is removed again.
    event = WebhookEvent.from_str("model_version_alias.created")
    made = client.create_webhook("hook", "https://192.0.43.8/hook", [event], description="d", secret="s")
    assert (made.name, made.events, made.status) == ("hook", [event], WebhookStatus.ACTIVE)
    changed = client.update_webhook(made.webhook_id, status=WebhookStatus.DISABLED)
    assert client.get_webhook(made.webhook_id).status == changed.status == WebhookStatus.DISABLED
    assert [one.webhook_id for one in client.list_webhooks()] == [made.webhook_id]
    client.delete_webhook(made.webhook_id)
    assert list(client.list_webhooks()) == []


@step("delete and restore")
def bins():
    client.set_terminated(run_id)
    client.delete_run(run_id)
    assert client.get_run(run_id).info.lifecycle_stage == "deleted"
    assert run_id in [
        one.info.run_id for one in client.search_runs([experiment_id], run_view_type=ViewType.DELETED_ONLY)
    ]
    with refused("INVALID_PARAMETER_VALUE"):
        client.log_metric(run_id, "loss", 1.0)
    client.restore_run(run_id)
    client.delete_experiment(experiment_id)
    assert client.get_experiment(experiment_id).lifecycle_stage == "deleted"
    client.restore_experiment(experiment_id)
    client.rename_experiment(experiment_id, "renamed")
    assert client.get_experiment(experiment_id).name == "renamed"
    assert client.get_run(run_id).info.lifecycle_stage == "active"
    client.delete_model_version("ship", "2")
    client.delete_registered_model("ship")
    assert list(client.search_registered_models()) == []


print(json.dumps(seen))
