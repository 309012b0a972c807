"""A script as people write it for MLflow, but for its import line. Prints what it saw as JSON."""

import json
import sys
import tempfile
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

import windlass as mlflow
from windlass.models import infer_signature
from windlass.tracking import MlflowClient

if len(sys.argv) > 1:
    mlflow.set_tracking_uri(sys.argv[1])

X, y = load_iris(return_X_y=True, as_frame=True)
mlflow.set_experiment("iris")

with mlflow.start_run(run_name="logistic") as run:
    mlflow.log_param("C", 0.5)
    mlflow.log_params({"solver": "lbfgs", "max_iter": 500})
    model = LogisticRegression(C=0.5, max_iter=500).fit(X, y)
    for step in range(3):
        mlflow.log_metric("loss", 1.0 / (step + 1), step=step)
    mlflow.log_metrics({"accuracy": model.score(X, y), "nan": float("nan")})
    mlflow.set_tag("team", "botany")
    with tempfile.TemporaryDirectory() as directory:
        notes = Path(directory) / "notes.txt"
        notes.write_text("hello")
        mlflow.log_artifact(str(notes), artifact_path="docs")
    figure = Figure()
    figure.subplots().plot([1, 2, 3])
    mlflow.log_figure(figure, "plots/line.png")
    mlflow.log_dict({"classes": 3}, "config.json")
    mlflow.log_text("some text", "text.txt")
    info = mlflow.sklearn.log_model(
        model,
        name="model",
        signature=infer_signature(X, model.predict(X)),
        input_example=X.head(2),
        registered_model_name="iris-model",
    )

runs = mlflow.search_runs(filter_string="metrics.accuracy > 0.9 and tags.team = 'botany'", order_by=["metrics.loss"])

client = MlflowClient()
(version,) = client.search_model_versions("name='iris-model'")
client.transition_model_version_stage("iris-model", version.version, "Production", archive_existing_versions=True)
client.set_registered_model_alias("iris-model", "champion", version.version)

by_stage = mlflow.pyfunc.load_model("models:/iris-model/Production")
by_alias = mlflow.sklearn.load_model("models:/iris-model@champion")
by_run = mlflow.sklearn.load_model(f"runs:/{run.info.run_id}/model")
expected = model.predict(X)

client.delete_run(run.info.run_id)
after_delete = len(mlflow.search_runs())
client.restore_run(run.info.run_id)

print(
    json.dumps(
        {
            "status": client.get_run(run.info.run_id).info.status,
            "columns": sorted(runs.columns),
            "rows": len(runs),
            "history": [(m.step, m.value) for m in client.get_metric_history(run.info.run_id, "loss")],
            "nan": str(client.get_run(run.info.run_id).data.metrics["nan"]),
            "files": sorted(f.path for f in client.list_artifacts(run.info.run_id)),
            "docs": mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/docs/notes.txt"),
            "stage": client.get_latest_versions("iris-model", stages=["Production"])[0].current_stage,
            "equal": [bool(np.array_equal(m.predict(X), expected)) for m in (by_stage, by_alias, by_run)],
            "model_uri": info.model_uri,
            "after_delete": after_delete,
            "after_restore": len(mlflow.search_runs()),
        }
    )
)
