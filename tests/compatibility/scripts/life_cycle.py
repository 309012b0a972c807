"""A model's life as an unmodified MLflow client lives it: argument 1 is the server's URL; prints what it saw as JSON."""

from __future__ import annotations

import json
import math
import sys
import tempfile
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")

import matplotlib  # noqa: E402

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
import mlflow  # noqa: E402
import mlflow.sklearn  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from mlflow import MlflowClient  # noqa: E402
from mlflow.exceptions import MlflowException  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402

MAJOR = int(mlflow.__version__.partition(".")[0])
seen: dict[str, object] = {"client": mlflow.__version__}


def code_of(action, *args, **kwargs):
    """The error code that an action ends with."""
    try:
        action(*args, **kwargs)
    except MlflowException as error:
        return error.error_code
    return "no error"


mlflow.set_tracking_uri(sys.argv[1])
client = MlflowClient()
experiment = mlflow.set_experiment("life cycle")
seen["location"] = experiment.artifact_location
mlflow.set_experiment_tag("team", "ships")

x = np.array([[0.0], [1.0], [2.0], [3.0]])
y = np.array([0, 0, 1, 1])
model = LogisticRegression().fit(x, y)

with mlflow.start_run(run_name="first", tags={"kind": "demo"}) as run:
    run_id = run.info.run_id
    mlflow.log_param("alpha", 0.5)
    mlflow.log_params({"depth": 3, "größe": "ü"})
    for step in range(3):
        mlflow.log_metric("loss", 1.0 / (step + 1), step=step)
    mlflow.log_metrics({"nan": math.nan, "infinite": math.inf, "accuracy": 0.75})
    mlflow.set_tag("note", "with 'quotes'")
    mlflow.log_text("hello", "texts/hello world.txt")
    mlflow.log_dict({"a": [1, 2]}, "data.json")
    figure, axes = plt.subplots()
    axes.plot([1, 2, 3])
    mlflow.log_figure(figure, "plots/line.png")
    with tempfile.TemporaryDirectory() as directory:
        local = Path(directory, "ünïcode.bin")
        local.write_bytes(bytes(range(256)) * 1000)
        mlflow.log_artifact(str(local), "files")
        Path(directory, "deep", "er").mkdir(parents=True)
        Path(directory, "deep", "er", "x.txt").write_text("x")
        mlflow.log_artifacts(str(Path(directory, "deep")), "tree")
    mlflow.log_input(mlflow.data.from_pandas(pd.DataFrame({"x": [1, 2]}), name="set"), context="training")
    where = {"name": "model"} if MAJOR >= 3 else {"artifact_path": "model"}
    more = {"serialization_format": "cloudpickle"}
    mlflow.sklearn.log_model(model, registered_model_name="ship", input_example=x[:2], **where, **more)

with mlflow.start_run(run_name="second") as second, mlflow.start_run(run_name="child", nested=True):
    mlflow.log_metric("loss", 5.0)

found = client.get_run(run_id)
seen["status"] = found.info.status
seen["params"] = found.data.params
seen["metrics"] = {key: str(value) for key, value in found.data.metrics.items()}
seen["note"] = found.data.tags["note"]
seen["run_name"] = found.info.run_name
seen["datasets"] = [one.dataset.name for one in found.inputs.dataset_inputs]
seen["history"] = [point.value for point in client.get_metric_history(run_id, "loss")]
seen["files"] = sorted(one.path for one in client.list_artifacts(run_id))
seen["tree"] = [one.path for one in client.list_artifacts(run_id, "tree/er")]
seen["size"] = client.list_artifacts(run_id, "files")[0].file_size
seen["text"] = mlflow.artifacts.load_text(f"{found.info.artifact_uri}/texts/hello world.txt")
seen["dict"] = mlflow.artifacts.load_dict(f"runs:/{run_id}/data.json")
fetched = Path(mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="files/ünïcode.bin"))
seen["fetched"] = fetched.read_bytes() == bytes(range(256)) * 1000
table = mlflow.search_runs(filter_string="metrics.loss < 1 and params.alpha = '0.5'")
seen["table"] = {"rows": len(table), "alpha": table["params.alpha"][0], "loss": table["metrics.loss"][0]}
ordered = mlflow.search_runs(order_by=["metrics.loss DESC"], max_results=2)
seen["ordered"] = [value for value in ordered["metrics.loss"] if not math.isnan(value)]
seen["by_name"] = [one.name for one in client.search_experiments(filter_string="name LIKE 'life%'")]

again = mlflow.register_model(f"runs:/{run_id}/model", "ship")
seen["versions"] = sorted(int(one.version) for one in client.search_model_versions("name='ship'"))
moved = client.transition_model_version_stage("ship", "1", "Production")
seen["stage"] = moved.current_stage
client.transition_model_version_stage("ship", "2", "Production", archive_existing_versions=True)
seen["stages"] = {one.version: one.current_stage for one in client.search_model_versions("name='ship'")}
seen["latest"] = [str(one.version) for one in client.get_latest_versions("ship", stages=["Production"])]
client.set_registered_model_alias("ship", "champion", "1")
seen["alias"] = str(client.get_model_version_by_alias("ship", "champion").version)
client.set_model_version_tag("ship", "1", "checked", "yes")
seen["version_tags"] = client.get_model_version("ship", "1").tags
client.update_model_version("ship", "1", description="first of its kind")
client.set_registered_model_tag("ship", "owner", "me")
registered = client.get_registered_model("ship")
seen["registered"] = {
    "tags": registered.tags,
    "aliases": {key: str(value) for key, value in registered.aliases.items()},
}
for uri in ("models:/ship/1", "models:/ship@champion", "models:/ship/Production", f"runs:/{run_id}/model"):
    loaded = mlflow.pyfunc.load_model(uri)
    seen[f"predicted {uri.replace(run_id, 'RUN')}"] = [int(one) for one in loaded.predict(x)]
seen["native"] = [int(one) for one in mlflow.sklearn.load_model("models:/ship/2").predict(x)]
if MAJOR >= 3:
    logged = mlflow.search_logged_models(output_format="list")
    seen["logged_models"] = [(one.name, str(one.status)) for one in logged]

client.delete_run(run_id)
seen["deleted"] = client.get_run(run_id).info.lifecycle_stage
seen["write_to_deleted"] = code_of(client.log_metric, run_id, "loss", 1.0)
client.restore_run(run_id)
seen["restored"] = client.get_run(run_id).info.lifecycle_stage
client.delete_experiment(experiment.experiment_id)
seen["experiment_deleted"] = client.get_experiment(experiment.experiment_id).lifecycle_stage
client.restore_experiment(experiment.experiment_id)
client.rename_experiment(experiment.experiment_id, "renamed")
seen["renamed"] = client.get_experiment_by_name("renamed").experiment_id == experiment.experiment_id
seen["errors"] = {
    "missing run": code_of(client.get_run, "0" * 32),
    "missing model": code_of(client.get_registered_model, "none"),
    "taken name": code_of(client.create_registered_model, "ship"),
    "changed param": code_of(client.log_param, run_id, "alpha", 0.7),
    "bad filter": code_of(client.search_runs, [experiment.experiment_id], "no such thing"),
}
seen["missing_by_name"] = client.get_experiment_by_name("none such") is None
client.delete_registered_model_alias("ship", "champion")
client.delete_model_version("ship", "2")
client.delete_registered_model("ship")
seen["models_left"] = [one.name for one in client.search_registered_models()]
print(json.dumps(seen))
