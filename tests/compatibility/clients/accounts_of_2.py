"""Manages accounts as a client of MLflow 2 does; prints what it saw as JSON."""

import json
import os
import sys

import mlflow
from mlflow.exceptions import MlflowException
from mlflow.server import get_app_client

uri = sys.argv[1]
mlflow.set_tracking_uri(uri)
client = get_app_client("basic-auth", uri)
PASSWORD = "correct horse battery"


def act_as(username, password=PASSWORD):
    os.environ["MLFLOW_TRACKING_USERNAME"], os.environ["MLFLOW_TRACKING_PASSWORD"] = username, password


def refused(function, *arguments):
    try:
        function(*arguments)
    except MlflowException as error:
        return error.error_code
    return "done"


seen = {}
act_as("admin")
seen["made"] = client.create_user("alice", PASSWORD).username
client.create_user("bob", PASSWORD)
client.update_user_admin("bob", True)
client.update_user_admin("bob", False)

act_as("alice")
experiment = mlflow.create_experiment("of alice")
mlflow.MlflowClient().create_registered_model("model of alice")
seen["given"] = client.create_experiment_permission(experiment, "bob", "READ").permission
seen["found"] = client.get_experiment_permission(experiment, "bob").permission
client.update_experiment_permission(experiment, "bob", "EDIT")
client.create_registered_model_permission("model of alice", "bob", "READ")
client.update_registered_model_permission("model of alice", "bob", "MANAGE")
seen["model"] = client.get_registered_model_permission("model of alice", "bob").permission

act_as("bob")
with mlflow.start_run(experiment_id=experiment) as run:
    mlflow.log_metric("loss", 0.5)
seen["not_deleted"] = refused(mlflow.delete_experiment, experiment)
user = client.get_user("bob")
seen["permissions"] = [
    [one.permission for one in user.experiment_permissions],
    [[one.name, one.permission] for one in user.registered_model_permissions],
]
mlflow.MlflowClient().delete_registered_model("model of alice")

act_as("alice")
client.delete_experiment_permission(experiment, "bob")
seen["gone"] = refused(client.get_experiment_permission, experiment, "bob")
act_as("admin")
client.update_user_password("bob", "another long password")
act_as("bob")
seen["old_password"] = refused(mlflow.get_run, run.info.run_id)
act_as("admin")
client.delete_user("bob")
seen["deleted"] = refused(client.get_user, "bob")

act_as("alice")
del os.environ["MLFLOW_TRACKING_USERNAME"], os.environ["MLFLOW_TRACKING_PASSWORD"]
os.environ["MLFLOW_TRACKING_TOKEN"] = sys.argv[2]
seen["by_token"] = refused(mlflow.get_run, run.info.run_id)
print(json.dumps(seen))
