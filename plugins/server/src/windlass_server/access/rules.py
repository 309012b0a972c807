"""The policy: what every request needs. A request that has no rule here is refused."""

from __future__ import annotations

from collections.abc import Mapping

from windlass.wire import (
    audit,
    dataset,
    deployment,
    export,
    file_info,
    grant,
    group,
    metric,
    permission,
    retention,
    role,
    token,
    upload,
    user,
    webhook,
)
from windlass.wire import experiment as exp
from windlass.wire import logged_model_request as logged
from windlass.wire import model_version as version
from windlass.wire import registered_model as registered
from windlass.wire import run_request as runs_wire
from windlass.wire.message import Message
from windlass_server.access import conditions, effects
from windlass_server.access.permission import Permission
from windlass_server.access.resource import ResourceType
from windlass_server.access.rule import (
    ADMIN,
    FILTERED,
    PUBLIC,
    SIGNED_IN,
    Kept,
    Rule,
    administer,
    create,
    edit,
    experiment,
    experiment_named,
    files_of_logged_model,
    files_of_run,
    log,
    logged_model,
    logged_models_in,
    manage,
    model,
    named,
    own,
    proxied,
    read,
    run,
    runs,
)

_READ, _EDIT = Permission.READ, Permission.EDIT
_EXPERIMENT, _MODEL = ResourceType.EXPERIMENT, ResourceType.REGISTERED_MODEL
_A_VERSION = "model_version name version"

RULES: Mapping[type[Message], Rule] = {
    # Experiments
    exp.CreateExperiment: create("experiment")
    .only_if(conditions.free_name(_EXPERIMENT), conditions.own_location)
    .then(effects.own_experiment),
    exp.GetExperiment: read(experiment()),
    exp.GetExperimentByName: read(experiment_named("experiment_name")),
    exp.SearchExperiments: FILTERED,
    exp.ListExperiments: FILTERED,
    exp.UpdateExperiment: edit(experiment(), "experiment experiment_id")
    .only_if(conditions.no_gain_by_name(_EXPERIMENT, "experiment_id", "new_name"))
    .then(effects.experiment_renamed),
    exp.DeleteExperiment: manage(experiment(), "experiment experiment_id"),
    exp.RestoreExperiment: manage(experiment(), "experiment experiment_id"),
    exp.PurgeExperiment: manage(experiment(), "experiment experiment_id").then(effects.experiment_removed),
    exp.SetExperimentTag: edit(experiment(), "experiment experiment_id"),
    exp.DeleteExperimentTag: edit(experiment(), "experiment experiment_id"),
    retention.SetRetention: manage(experiment(), "experiment experiment_id"),
    retention.GetRetention: read(experiment()),
    retention.ListRetention: FILTERED,
    retention.RemoveRetention: manage(experiment(), "experiment experiment_id"),
    retention.PreviewRetention: SIGNED_IN.needing(Permission.MANAGE, experiment()),
    retention.ApplyRetention: manage(experiment(), "experiment experiment_id"),
    dataset.SearchDatasets: FILTERED,
    # Runs inherit from their experiment
    runs_wire.CreateRun: edit(experiment(), "run"),
    runs_wire.GetRun: read(run()),
    runs_wire.SearchRuns: FILTERED,
    export.ExportRuns: FILTERED,
    export.ExportMetrics: FILTERED,
    runs_wire.WatchRun: read(run()),
    runs_wire.SelectRuns: FILTERED,
    runs_wire.UpdateRun: edit(run(), "run run_id"),
    runs_wire.DeleteRun: manage(run(), "run run_id"),
    runs_wire.RestoreRun: manage(run(), "run run_id"),
    runs_wire.PurgeRun: manage(run(), "run run_id"),
    runs_wire.LogMetric: log(run()).needing(_EDIT, logged_model()),
    runs_wire.LogParam: log(run()),
    runs_wire.SetRunTag: log(run()),
    runs_wire.DeleteRunTag: log(run()),
    runs_wire.LogBatch: log(run()).needing(_EDIT, logged_models_in("metrics")),
    runs_wire.LogRun: log(run())
    .needing(_EDIT, logged_models_in("metrics"))
    .needing(_READ, logged_models_in("model_inputs"))
    .needing(_READ, logged_models_in("model_outputs")),
    runs_wire.LogInputs: log(run()).needing(_READ, logged_models_in("models")),
    runs_wire.LogOutputs: log(run()).needing(_READ, logged_models_in("models")),
    runs_wire.RecordModel: log(run()),
    metric.GetMetricHistory: read(run()),
    metric.GetMetricHistoryBulk: read(runs("run_id")),
    metric.GetMetricHistoryInterval: read(runs("run_ids")),
    metric.SampleMetrics: read(runs("run_ids")),
    # Logged models inherit from their experiment; whoever may read a version made of one may read it too
    logged.CreateLoggedModel: edit(experiment(), "logged_model").needing(_READ, run("source_run_id")),
    logged.GetLoggedModel: read(files_of_logged_model()),
    logged.SearchLoggedModels: FILTERED,
    logged.FinalizeLoggedModel: edit(logged_model(), "logged_model model_id"),
    logged.SetLoggedModelTags: edit(logged_model(), "logged_model model_id"),
    logged.DeleteLoggedModelTag: edit(logged_model(), "logged_model model_id"),
    logged.LogLoggedModelParams: log(logged_model()),
    logged.UpdateLoggedModel: manage(logged_model(), "logged_model model_id"),
    logged.DeleteLoggedModel: manage(logged_model(), "logged_model model_id"),
    logged.PurgeLoggedModel: manage(logged_model(), "logged_model model_id"),
    # Registered models and their versions
    registered.CreateRegisteredModel: create("registered_model name")
    .only_if(conditions.free_name(_MODEL))
    .then(effects.own_model),
    registered.GetRegisteredModel: read(model()),
    registered.SearchRegisteredModels: FILTERED,
    registered.ListRegisteredModels: FILTERED,
    registered.GetLatestVersions: read(model()),
    registered.GetVersionByAlias: read(model()),
    registered.RenameRegisteredModel: edit(model(), "registered_model name")
    .only_if(conditions.no_gain_by_name(_MODEL, "name", "new_name"))
    .then(effects.model_renamed),
    registered.UpdateRegisteredModel: edit(model(), "registered_model name"),
    registered.SetRegisteredModelTag: edit(model(), "registered_model name"),
    registered.DeleteRegisteredModelTag: edit(model(), "registered_model name"),
    registered.SetAlias: edit(model(), "registered_model name"),
    registered.DeleteAlias: edit(model(), "registered_model name"),
    registered.DeleteRegisteredModel: manage(model(), "registered_model name").then(effects.model_removed),
    version.CreateModelVersion: edit(model(), "model_version")
    .needing(_READ, run("run_id"))
    .needing(_READ, logged_model("model_id"))
    .only_if(conditions.readable_source),
    version.GetModelVersion: read(model()),
    version.GetDownloadUri: read(model()),
    version.SearchModelVersions: FILTERED,
    version.UpdateModelVersion: edit(model(), _A_VERSION),
    version.TransitionModelVersion: edit(model(), _A_VERSION),
    version.SetModelVersionTag: edit(model(), _A_VERSION),
    version.DeleteModelVersionTag: edit(model(), _A_VERSION),
    version.DeleteModelVersion: manage(model(), _A_VERSION),
    # Deployments: the target says who may change them, here it is only written down
    deployment.BeginDeploymentChange: create("deployment target name").only_if(conditions.readable_model),
    deployment.EndDeploymentChange: Rule(kept=Kept.IF_ALL),
    deployment.ListDeploymentChanges: FILTERED,
    deployment.ListDeployments: FILTERED,
    # Files
    file_info.ListArtifacts: read(files_of_run()),
    file_info.ListProxiedArtifacts: read(proxied()),
    upload.CompleteUpload: log(proxied("directory")),
    upload.AbortUpload: log(proxied("directory")),
    upload.PresignUpload: log(run()).needing(_EDIT, logged_model()),
    upload.PresignDownload: read(files_of_run()),
    logged.ListLoggedModelArtifacts: read(files_of_logged_model()),
    # Accounts
    user.CreateUser: administer("user username"),
    user.CreateAccount: administer("user username"),
    user.GetUser: own("username"),
    user.ListUsers: SIGNED_IN,
    user.GetCurrentUser: SIGNED_IN,
    user.UpdateUserPassword: own("username").kept_as("user username"),
    user.UpdateUserAdmin: administer("user username"),
    user.UpdateAccount: administer("user username"),
    user.DeleteUser: administer("user username"),
    group.CreateGroup: administer("group name"),
    group.ListGroups: SIGNED_IN,
    group.DeleteGroup: administer("group name"),
    group.AddGroupMember: administer("user username"),
    group.RemoveGroupMember: administer("user username"),
    token.CreateToken: own("username").kept_as("token"),
    token.ListTokens: own("username"),
    token.DeleteToken: SIGNED_IN.kept_as("token id").only_if(conditions.own_token),
    # Permissions: whoever may MANAGE a thing may give permissions on it
    grant.CreateGrant: manage(named("resource_type", "resource"), "grant"),
    grant.ListGrants: own("username").only_if(conditions.named_account),
    grant.DeleteGrant: administer("grant id"),
    permission.CreateExperimentPermission: manage(experiment(), "user username"),
    permission.GetExperimentPermission: read(experiment()).needing(Permission.MANAGE, experiment()),
    permission.UpdateExperimentPermission: manage(experiment(), "user username"),
    permission.DeleteExperimentPermission: manage(experiment(), "user username"),
    permission.CreateRegisteredModelPermission: manage(model(), "user username"),
    permission.GetRegisteredModelPermission: read(model()).needing(Permission.MANAGE, model()),
    permission.UpdateRegisteredModelPermission: manage(model(), "user username"),
    permission.DeleteRegisteredModelPermission: manage(model(), "user username"),
    permission.GrantUserPermission: manage(named("resource_type", "resource_id"), "user username"),
    permission.RevokeUserPermission: manage(named("resource_type", "resource_id"), "user username"),
    permission.GetUserPermission: own("username"),
    permission.ListUserPermissions: own("username"),
    permission.ListCurrentUserPermissions: SIGNED_IN,
    # Roles are what MLflow's clients call groups
    role.CreateRole: administer("role"),
    role.GetRole: ADMIN,
    role.ListRoles: ADMIN,
    role.UpdateRole: administer("role role_id"),
    role.DeleteRole: administer("role role_id"),
    role.AddRolePermission: administer("role role_id"),
    role.RemoveRolePermission: administer("grant role_permission_id"),
    role.UpdateRolePermission: administer("grant role_permission_id"),
    role.ListRolePermissions: ADMIN,
    role.AssignRole: administer("user username"),
    role.UnassignRole: administer("user username"),
    role.ListUserRoles: own("username"),
    role.ListRoleUsers: ADMIN,
    # Webhooks tell of everything, whoever may see it
    webhook.CreateWebhook: administer("webhook"),
    webhook.ListWebhooks: ADMIN,
    webhook.GetWebhook: ADMIN,
    webhook.UpdateWebhook: administer("webhook webhook_id"),
    webhook.DeleteWebhook: administer("webhook webhook_id"),
    webhook.TestWebhook: ADMIN,
    webhook.ListDeliveries: ADMIN,
    # The audit log
    audit.SearchAudit: ADMIN,
    audit.VerifyAudit: ADMIN,
}
"""The rule of every message."""

HANDLERS: Mapping[str, Rule] = {
    "public": PUBLIC,
    "signed in": SIGNED_IN,
    "administrators": ADMIN,
    "filtered": FILTERED,
    "read experiment": read(experiment()),
    "read run": read(run()),
    "read run files": read(files_of_run()),
    "write run files": log(run()),
    "read model version files": read(model()),
    "read logged model files": read(files_of_logged_model()),
    "read proxied file": read(proxied()),
    "write proxied file": log(proxied()),
    "delete proxied file": manage(proxied(), "file path"),
}
"""The rules of what is no message: a handler, of any plugin, names one of these as `opt={"access": …}`."""
