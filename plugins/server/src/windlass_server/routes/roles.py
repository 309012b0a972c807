"""Roles over HTTP: groups, as MLflow's clients know them."""

from __future__ import annotations

from windlass.wire import role as wire
from windlass_server.access.accounts import Accounts
from windlass_server.access.grant import Grant
from windlass_server.access.group import Group
from windlass_server.access.permission import parse_permission
from windlass_server.access.resource import parse_pattern
from windlass_server.access.user import User
from windlass_server.endpoint import Endpoints

roles = Endpoints("roles")
_WORKSPACE = "default"
"""The one workspace that clients of workspaces find here."""


@roles.add
def create_role(accounts: Accounts, request: wire.CreateRole) -> wire.RoleAnswer:
    """Make a role."""
    return {"role": encode_role(accounts, accounts.groups.create(request.name, request.description or ""))}


@roles.add
def get_role(accounts: Accounts, request: wire.GetRole) -> wire.RoleAnswer:
    """The role of an id."""
    return {"role": encode_role(accounts, accounts.groups.get(request.role_id))}


@roles.add
def list_roles(accounts: Accounts, request: wire.ListRoles) -> wire.RolesAnswer:
    """All roles."""
    shown = request.workspace in {None, "", _WORKSPACE}
    return {"roles": [encode_role(accounts, one) for one in accounts.groups.all()] if shown else []}


@roles.add
def update_role(accounts: Accounts, request: wire.UpdateRole) -> wire.RoleAnswer:
    """Change name or description."""
    changed = accounts.groups.update(request.role_id, name=request.name, description=request.description)
    return {"role": encode_role(accounts, changed)}


@roles.add
def delete_role(accounts: Accounts, request: wire.DeleteRole) -> None:
    """Remove a role."""
    accounts.groups.delete(request.role_id)


@roles.add
def add_role_permission(accounts: Accounts, request: wire.AddRolePermission) -> wire.RolePermissionAnswer:
    """Give a role a permission."""
    group = accounts.groups.get(request.role_id)
    pattern = parse_pattern(request.resource_type, request.resource_pattern)
    made = accounts.grants.create(("group", group.id), pattern, parse_permission(request.permission))
    return {"role_permission": _encode_permission(made)}


@roles.add
def remove_role_permission(accounts: Accounts, request: wire.RemoveRolePermission) -> None:
    """Take a permission from a role."""
    accounts.grants.delete(accounts.grants.get(request.role_permission_id))


@roles.add
def list_role_permissions(accounts: Accounts, request: wire.ListRolePermissions) -> wire.RolePermissionsAnswer:
    """The permissions of a role."""
    group = accounts.groups.get(request.role_id)
    return {"role_permissions": [_encode_permission(one) for one in accounts.view.grants_of(("group", group.id))]}


@roles.add
def update_role_permission(accounts: Accounts, request: wire.UpdateRolePermission) -> wire.RolePermissionAnswer:
    """Change a permission of a role."""
    grant = accounts.grants.get(request.role_permission_id)
    changed = accounts.grants.change(grant, parse_permission(request.permission))
    return {"role_permission": _encode_permission(changed)}


@roles.add
def assign_role(accounts: Accounts, request: wire.AssignRole) -> wire.AssignmentAnswer:
    """Give an account a role."""
    group = accounts.groups.get(request.role_id)
    return {"assignment": _encode_assignment(accounts.groups.add(group, request.username), group)}


@roles.add
def unassign_role(accounts: Accounts, request: wire.UnassignRole) -> None:
    """Take a role from an account."""
    accounts.groups.remove(accounts.groups.get(request.role_id), request.username)


@roles.add
def list_user_roles(accounts: Accounts, request: wire.ListUserRoles) -> wire.RolesAnswer:
    """The roles of an account."""
    user = accounts.users.get(request.username)
    return {"roles": [encode_role(accounts, one) for one in accounts.view.groups_of(user)]}


@roles.add
def list_role_users(accounts: Accounts, request: wire.ListRoleUsers) -> wire.AssignmentsAnswer:
    """The accounts that have a role."""
    group = accounts.groups.get(request.role_id)
    return {"assignments": [_encode_assignment(one, group) for one in accounts.groups.members(group)]}


def encode_role(accounts: Accounts, group: Group) -> wire.RoleJson:
    """The JSON of a group as a role."""
    return {
        "id": group.id,
        "name": group.name,
        "workspace": _WORKSPACE,
        "description": group.description,
        "permissions": [_encode_permission(one) for one in accounts.view.grants_of(("group", group.id))],
    }


def _encode_permission(grant: Grant) -> wire.RolePermissionJson:
    return {
        "id": grant.id,
        "role_id": int(grant.holder[1]),
        "resource_type": grant.pattern.type.value,
        "resource_pattern": grant.pattern.text,
        "permission": grant.permission.name,
    }


def _encode_assignment(user: User, group: Group) -> wire.AssignmentJson:
    # An account is in a group once, so both ids together say which assignment it is.
    return {"id": group.id * 1_000_000 + user.id, "user_id": user.id, "role_id": group.id}
