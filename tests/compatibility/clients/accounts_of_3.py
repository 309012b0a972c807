"""Manages accounts as a client of MLflow 3 does; prints what it saw as JSON."""

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


def refused(function, *arguments, **options):
    try:
        function(*arguments, **options)
    except MlflowException as error:
        return error.error_code
    return "done"


seen = {}
act_as("admin")
seen["made"] = client.create_user("alice", PASSWORD).username
seen["short"] = refused(client.create_user, "bob", "short")
client.create_user("bob", PASSWORD)
seen["taken"] = refused(client.create_user, "bob", PASSWORD)
seen["is_admin"] = client.get_user("bob").is_admin
client.update_user_admin("bob", True)
seen["is_admin_now"] = client.get_user("bob").is_admin
client.update_user_admin("bob", False)

act_as("alice")
experiment = mlflow.create_experiment("of alice")
mlflow.MlflowClient().create_registered_model("model of alice")
client.grant_user_permission("bob", "experiment", experiment, "EDIT")
seen["again"] = refused(client.grant_user_permission, "bob", "experiment", experiment, "EDIT")
client.grant_user_permission("bob", "registered_model", "model of alice", "DENY")
seen["not_hers"] = refused(client.grant_user_permission, "bob", "experiment", "0", "EDIT")

act_as("admin")
found = client.get_user_permission("bob", "experiment", experiment)
seen["allowed"] = [found.allowed, found.permission]

act_as("bob")
with mlflow.start_run(experiment_id=experiment) as run:
    mlflow.log_metric("loss", 0.5)
    mlflow.log_text("hello", "a.txt")
seen["logged"] = mlflow.get_run(run.info.run_id).data.metrics
seen["denied"] = refused(mlflow.MlflowClient().get_registered_model, "model of alice")
seen["no_admin"] = refused(client.create_user, "carol", PASSWORD)
seen["not_deleted"] = refused(mlflow.delete_experiment, experiment)
client.update_user_password("bob", "another long password", current_password=PASSWORD)
seen["old_password"] = refused(mlflow.get_run, run.info.run_id)
act_as("bob", "another long password")
seen["new_password"] = refused(mlflow.get_run, run.info.run_id)

act_as("alice")
client.revoke_user_permission("bob", "experiment", experiment)
act_as("admin")
found = client.get_user_permission("bob", "experiment", experiment)
seen["revoked"] = [found.allowed, found.permission]

role = client.create_role("default", "team", description="a team")
permission = client.add_role_permission(role.id, "experiment", experiment, "USE")
seen["role"] = [client.get_role(role.id).name, [one.name for one in client.list_roles("default")]]
seen["role_permissions"] = [one.permission for one in client.list_role_permissions(role.id)]
client.assign_role("bob", role.id)
seen["members"] = [one.user_id for one in client.list_role_users(role.id)] == [client.get_user("bob").id]
seen["roles"] = [one.name for one in client.list_user_roles("bob")]
seen["by_role"] = client.get_user_permission("bob", "experiment", experiment).permission
client.update_role_permission(permission.id, "MANAGE")
seen["by_role_now"] = client.get_user_permission("bob", "experiment", experiment).permission
seen["renamed"] = client.update_role(role.id, name="crew").name
client.remove_role_permission(permission.id)
client.unassign_role("bob", role.id)
client.delete_role(role.id)
seen["roles_left"] = [one.name for one in client.list_all_roles()]
client.delete_user("bob")
seen["gone"] = refused(client.get_user, "bob")
print(json.dumps(seen))
