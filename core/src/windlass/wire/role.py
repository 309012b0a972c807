"""Roles on the wire: what MLflow's clients call a group of accounts with permissions of its own."""

from __future__ import annotations

from typing import TypedDict

from windlass.wire.message import MLFLOW3, Message, message


class RolePermissionJson(TypedDict):
    """A permission that the members of a role have."""

    id: int
    role_id: int
    resource_type: str
    resource_pattern: str
    permission: str


class RoleJson(TypedDict, total=False):
    """A role."""

    id: int
    name: str
    workspace: str
    description: str | None
    permissions: list[RolePermissionJson]


class AssignmentJson(TypedDict):
    """That an account has a role."""

    id: int
    user_id: int
    role_id: int


class RoleAnswer(TypedDict):
    """One role."""

    role: RoleJson


class RolesAnswer(TypedDict):
    """Several roles."""

    roles: list[RoleJson]


class RolePermissionAnswer(TypedDict):
    """One permission of a role."""

    role_permission: RolePermissionJson


class RolePermissionsAnswer(TypedDict):
    """The permissions of a role."""

    role_permissions: list[RolePermissionJson]


class AssignmentAnswer(TypedDict):
    """One assignment."""

    assignment: AssignmentJson


class AssignmentsAnswer(TypedDict):
    """The accounts that have a role."""

    assignments: list[AssignmentJson]


@message("POST", "/roles/create", idempotent=False, family=MLFLOW3)
class CreateRole(Message):
    """Makes a role."""

    name: str
    workspace: str | None = None
    description: str | None = None


@message("GET", "/roles/get", family=MLFLOW3)
class GetRole(Message):
    """Asks for a role."""

    role_id: int


@message("GET", "/roles/list", family=MLFLOW3)
class ListRoles(Message):
    """Asks for all roles."""

    workspace: str | None = None


@message("PATCH", "/roles/update", family=MLFLOW3)
class UpdateRole(Message):
    """Changes the name or the description of a role."""

    role_id: int
    name: str | None = None
    description: str | None = None


@message("DELETE", "/roles/delete", family=MLFLOW3)
class DeleteRole(Message):
    """Removes a role with its permissions."""

    role_id: int


@message("POST", "/roles/permissions/add", idempotent=False, family=MLFLOW3)
class AddRolePermission(Message):
    """Gives a role a permission."""

    role_id: int
    resource_type: str
    resource_pattern: str
    permission: str


@message("DELETE", "/roles/permissions/remove", family=MLFLOW3)
class RemoveRolePermission(Message):
    """Takes a permission from a role."""

    role_permission_id: int


@message("GET", "/roles/permissions/list", family=MLFLOW3)
class ListRolePermissions(Message):
    """Asks for the permissions of a role."""

    role_id: int


@message("PATCH", "/roles/permissions/update", family=MLFLOW3)
class UpdateRolePermission(Message):
    """Changes a permission of a role."""

    role_permission_id: int
    permission: str


@message("POST", "/roles/assign", idempotent=False, family=MLFLOW3)
class AssignRole(Message):
    """Gives an account a role."""

    username: str
    role_id: int


@message("DELETE", "/roles/unassign", family=MLFLOW3)
class UnassignRole(Message):
    """Takes a role from an account."""

    username: str
    role_id: int


@message("GET", "/users/roles/list", family=MLFLOW3)
class ListUserRoles(Message):
    """Asks for the roles of an account."""

    username: str


@message("GET", "/roles/users/list", family=MLFLOW3)
class ListRoleUsers(Message):
    """Asks for the accounts that have a role."""

    role_id: int
