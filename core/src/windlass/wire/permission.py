"""Permissions of accounts on the wire: the endpoints of MLflow's 2.x clients and those of 3.x."""

from __future__ import annotations

from typing import TypedDict

from windlass.wire.message import MLFLOW3, Id, Message, message


class ExperimentPermissionJson(TypedDict):
    """What an account may do with an experiment."""

    experiment_id: str
    user_id: int
    permission: str


class RegisteredModelPermissionJson(TypedDict):
    """What an account may do with a registered model."""

    name: str
    user_id: int
    permission: str


class ExperimentPermissionAnswer(TypedDict):
    """One permission on an experiment."""

    experiment_permission: ExperimentPermissionJson


class RegisteredModelPermissionAnswer(TypedDict):
    """One permission on a registered model."""

    registered_model_permission: RegisteredModelPermissionJson


class AllowedAnswer(TypedDict):
    """What an account may do with a resource, everything considered."""

    allowed: bool
    permission: str


class PermissionRowJson(TypedDict):
    """One permission of an account and where it comes from; an empty role is its own."""

    resource_type: str
    resource_pattern: str
    permission: str
    role_id: int | None
    role_name: str | None


class PermissionsAnswer(TypedDict):
    """All permissions of an account."""

    is_admin: bool
    permissions: list[PermissionRowJson]


@message("POST", "/experiments/permissions/create", idempotent=False)
class CreateExperimentPermission(Message):
    """Gives an account a permission on an experiment."""

    experiment_id: Id
    username: str
    permission: str


@message("GET", "/experiments/permissions/get")
class GetExperimentPermission(Message):
    """Asks for the permission that an account was given on an experiment."""

    experiment_id: Id
    username: str


@message("PATCH", "/experiments/permissions/update")
class UpdateExperimentPermission(Message):
    """Changes the permission of an account on an experiment."""

    experiment_id: Id
    username: str
    permission: str


@message("DELETE", "/experiments/permissions/delete")
class DeleteExperimentPermission(Message):
    """Takes back the permission of an account on an experiment."""

    experiment_id: Id
    username: str


@message("POST", "/registered-models/permissions/create", idempotent=False)
class CreateRegisteredModelPermission(Message):
    """Gives an account a permission on a registered model."""

    name: str
    username: str
    permission: str


@message("GET", "/registered-models/permissions/get")
class GetRegisteredModelPermission(Message):
    """Asks for the permission that an account was given on a registered model."""

    name: str
    username: str


@message("PATCH", "/registered-models/permissions/update")
class UpdateRegisteredModelPermission(Message):
    """Changes the permission of an account on a registered model."""

    name: str
    username: str
    permission: str


@message("DELETE", "/registered-models/permissions/delete")
class DeleteRegisteredModelPermission(Message):
    """Takes back the permission of an account on a registered model."""

    name: str
    username: str


@message("POST", "/users/permissions/grant", idempotent=False, family=MLFLOW3)
class GrantUserPermission(Message):
    """Gives an account a permission on a resource."""

    username: str
    resource_type: str
    resource_id: Id
    permission: str


@message("POST", "/users/permissions/revoke", family=MLFLOW3)
class RevokeUserPermission(Message):
    """Takes back the permission of an account on a resource."""

    username: str
    resource_type: str
    resource_id: Id


@message("GET", "/users/permissions/get", family=MLFLOW3)
class GetUserPermission(Message):
    """Asks what an account may do with a resource, everything considered."""

    username: str
    resource_type: str
    resource_id: Id


@message("GET", "/users/permissions/list", family=MLFLOW3)
class ListUserPermissions(Message):
    """Asks for all permissions of an account."""

    username: str


@message("GET", "/users/current/permissions", family=MLFLOW3)
class ListCurrentUserPermissions(Message):
    """Asks for all permissions of the account that asks."""
