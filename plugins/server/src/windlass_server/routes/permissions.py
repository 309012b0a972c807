"""Permissions of accounts over HTTP, as MLflow's clients of 2.x and 3.x manage them."""

from __future__ import annotations

from windlass.errors import NotFound
from windlass.services.workspace import Workspace
from windlass.wire import permission as wire
from windlass_server.access.accounts import Accounts
from windlass_server.access.caller import current_caller
from windlass_server.access.grant import Grant, Holder
from windlass_server.access.permission import Permission, parse_permission
from windlass_server.access.resource import Pattern, Resource, ResourceType, parse_pattern
from windlass_server.endpoint import Endpoints

permissions = Endpoints("permissions")


@permissions.add
def create_experiment_permission(
    accounts: Accounts, request: wire.CreateExperimentPermission
) -> wire.ExperimentPermissionAnswer:
    """Give an account a permission on an experiment."""
    grant = _create(accounts, request.username, _experiment(request.experiment_id), request.permission)
    return {"experiment_permission": _encode_experiment(grant)}


@permissions.add
def get_experiment_permission(
    accounts: Accounts, request: wire.GetExperimentPermission
) -> wire.ExperimentPermissionAnswer:
    """What an account was given on an experiment."""
    grant = accounts.grants.find(_holder(accounts, request.username), _experiment(request.experiment_id))
    return {"experiment_permission": _encode_experiment(grant)}


@permissions.add
def update_experiment_permission(accounts: Accounts, request: wire.UpdateExperimentPermission) -> None:
    """Change what an account was given on an experiment."""
    _change(accounts, request.username, _experiment(request.experiment_id), request.permission)


@permissions.add
def delete_experiment_permission(accounts: Accounts, request: wire.DeleteExperimentPermission) -> None:
    """Take back what an account was given on an experiment."""
    _delete(accounts, request.username, _experiment(request.experiment_id))


@permissions.add
def create_registered_model_permission(
    accounts: Accounts, request: wire.CreateRegisteredModelPermission
) -> wire.RegisteredModelPermissionAnswer:
    """Give an account a permission on a registered model."""
    grant = _create(accounts, request.username, _model(request.name), request.permission)
    return {"registered_model_permission": _encode_model(grant)}


@permissions.add
def get_registered_model_permission(
    accounts: Accounts, request: wire.GetRegisteredModelPermission
) -> wire.RegisteredModelPermissionAnswer:
    """What an account was given on a registered model."""
    grant = accounts.grants.find(_holder(accounts, request.username), _model(request.name))
    return {"registered_model_permission": _encode_model(grant)}


@permissions.add
def update_registered_model_permission(accounts: Accounts, request: wire.UpdateRegisteredModelPermission) -> None:
    """Change what an account was given on a registered model."""
    _change(accounts, request.username, _model(request.name), request.permission)


@permissions.add
def delete_registered_model_permission(accounts: Accounts, request: wire.DeleteRegisteredModelPermission) -> None:
    """Take back what an account was given on a registered model."""
    _delete(accounts, request.username, _model(request.name))


@permissions.add
def grant_user_permission(accounts: Accounts, request: wire.GrantUserPermission) -> None:
    """Give an account a permission."""
    _create(accounts, request.username, parse_pattern(request.resource_type, request.resource_id), request.permission)


@permissions.add
def revoke_user_permission(accounts: Accounts, request: wire.RevokeUserPermission) -> None:
    """Take back a permission."""
    _delete(accounts, request.username, parse_pattern(request.resource_type, request.resource_id))


@permissions.add
def list_user_permissions(accounts: Accounts, request: wire.ListUserPermissions) -> wire.PermissionsAnswer:
    """All that an account was given, by itself and by its groups."""
    return _all_of(accounts, request.username)


@permissions.add
def list_current_user_permissions(
    accounts: Accounts, request: wire.ListCurrentUserPermissions
) -> wire.PermissionsAnswer:
    """All that whoever asks was given."""
    del request
    return _all_of(accounts, current_caller().username)


def user_permission(workspace: Workspace, accounts: Accounts) -> Endpoints:
    """The endpoint that says what an account may do, which looks at the experiment too."""
    endpoints = Endpoints("permissions")

    @endpoints.add
    def get_user_permission(_: Accounts, request: wire.GetUserPermission) -> wire.AllowedAnswer:
        pattern = parse_pattern(request.resource_type, request.resource_id)
        name = pattern.text
        if pattern.type is ResourceType.EXPERIMENT and pattern.exact:
            name = workspace.experiments.get(pattern.text).name
        accounts.users.get(request.username)
        found = accounts.view.permission_of(request.username, Resource(pattern.type, pattern.text, name))
        return {"allowed": found >= Permission.USE, "permission": found.name}

    return endpoints


def _all_of(accounts: Accounts, username: str) -> wire.PermissionsAnswer:
    user = accounts.users.get(username)
    rows = [_row(one, None, None) for one in accounts.view.grants_of(("user", user.id))]
    for group in accounts.view.groups_of(user):
        rows += [_row(one, group.id, group.name) for one in accounts.view.grants_of(("group", group.id))]
    return {"is_admin": user.is_admin, "permissions": rows}


def _row(grant: Grant, role_id: int | None, role_name: str | None) -> wire.PermissionRowJson:
    return {
        "resource_type": grant.pattern.type.value,
        "resource_pattern": grant.pattern.text,
        "permission": grant.permission.name,
        "role_id": role_id,
        "role_name": role_name,
    }


def _holder(accounts: Accounts, username: str) -> Holder:
    return "user", accounts.users.get(username).id


def _experiment(experiment_id: str) -> Pattern:
    return Pattern(ResourceType.EXPERIMENT, experiment_id, exact=True)


def _model(name: str) -> Pattern:
    return Pattern(ResourceType.REGISTERED_MODEL, name, exact=True)


def _create(accounts: Accounts, username: str, pattern: Pattern, permission: str) -> Grant:
    return accounts.grants.create(_holder(accounts, username), pattern, parse_permission(permission))


def _change(accounts: Accounts, username: str, pattern: Pattern, permission: str) -> Grant:
    grant = accounts.grants.find(_holder(accounts, username), pattern)
    return accounts.grants.change(grant, parse_permission(permission))


def _delete(accounts: Accounts, username: str, pattern: Pattern) -> None:
    try:
        accounts.grants.delete(accounts.grants.find(_holder(accounts, username), pattern))
    except NotFound as error:
        raise NotFound(f"{username!r}: {error.message}") from None


def _encode_experiment(grant: Grant) -> wire.ExperimentPermissionJson:
    return {
        "experiment_id": grant.pattern.text,
        "user_id": int(grant.holder[1]),
        "permission": grant.permission.name,
    }


def _encode_model(grant: Grant) -> wire.RegisteredModelPermissionJson:
    return {"name": grant.pattern.text, "user_id": int(grant.holder[1]), "permission": grant.permission.name}
