"""A script with the calls and habits of 2020 and 2021, but for its import line. Prints what it saw as JSON."""

import json
import sys

from sklearn.datasets import load_wine
from sklearn.tree import DecisionTreeClassifier

import windlass as mlflow
import windlass.sklearn
from windlass.tracking import MlflowClient

if len(sys.argv) > 1:
    mlflow.set_tracking_uri(sys.argv[1])

X, y = load_wine(return_X_y=True)
mlflow.set_experiment("wine")

with mlflow.start_run() as run:
    tree = DecisionTreeClassifier(max_depth=3).fit(X, y)
    mlflow.log_param("tree_depth", 3)
    mlflow.log_metric("acc", tree.score(X, y))
    mlflow.sklearn.log_model(sk_model=tree, artifact_path="model")

with mlflow.start_run():
    mlflow.sklearn.log_model(tree, "second", registered_model_name="wine-tree")

client = MlflowClient()
experiment = next(e for e in client.list_experiments() if e.name == "wine")
infos = mlflow.list_run_infos(experiment.experiment_id)

mlflow.register_model(f"runs:/{run.info.run_id}/model", "wine-tree")
newest = max(int(v.version) for v in client.search_model_versions("name='wine-tree'"))
client.transition_model_version_stage(name="wine-tree", version=newest, stage="Production")
loaded = mlflow.pyfunc.load_model("models:/wine-tree/Production")

try:
    mlflow.azureml.build_image(model_uri=f"runs:/{run.info.run_id}/model", workspace=None)
except Exception as error:
    azureml = str(error)

print(
    json.dumps(
        {
            "infos": len(infos),
            "client_infos": len(client.list_run_infos(experiment.experiment_id)),
            "models": [m.name for m in client.list_registered_models()],
            "newest": newest,
            "latest": [int(v.version) for v in client.get_latest_versions("wine-tree", stages=["Production", "None"])],
            "equal": bool((loaded.predict(X) == tree.predict(X)).all()),
            "azureml": azureml,
        }
    )
)
