"""Accounts on the wire."""

from __future__ import annotations

from typing import TypedDict

from windlass.wire.message import WINDLASS, Message, message
from windlass.wire.permission import ExperimentPermissionJson, RegisteredModelPermissionJson
from windlass.wire.role import RoleJson


class UserJson(TypedDict, total=False):
    """An account. MLflow's clients read the first fields; those of 2.x the lists of permissions too."""

    id: int
    username: str
    is_admin: bool
    experiment_permissions: list[ExperimentPermissionJson]
    registered_model_permissions: list[RegisteredModelPermissionJson]
    roles: list[RoleJson]
    is_service: bool
    is_disabled: bool
    origin: str
    groups: list[str]
    created: int


class UserAnswer(TypedDict):
    """One account."""

    user: UserJson


class UsersAnswer(TypedDict):
    """All accounts."""

    users: list[UserJson]


class CurrentUserAnswer(TypedDict):
    """The account that asks, and whether it signs in with a password that is kept here."""

    user: UserJson
    is_basic_auth: bool


@message("POST", "/users/create", idempotent=False)
class CreateUser(Message):
    """Makes an account with a password."""

    username: str
    password: str


@message("POST", "/users/create", idempotent=False, family=WINDLASS)
class CreateAccount(Message):
    """Makes an account; one without a password is a service account, which signs in with tokens."""

    username: str
    password: str | None = None
    is_admin: bool = False


@message("GET", "/users/get")
class GetUser(Message):
    """Asks for an account."""

    username: str


@message("GET", "/users/list")
class ListUsers(Message):
    """Asks for all accounts."""


@message("GET", "/users/current")
class GetCurrentUser(Message):
    """Asks who is asking."""


@message("PATCH", "/users/update-password")
class UpdateUserPassword(Message):
    """Changes a password; whoever changes the own one gives the present one too."""

    username: str
    password: str
    current_password: str | None = None


@message("PATCH", "/users/update-admin")
class UpdateUserAdmin(Message):
    """Makes an account an administrator, or no longer."""

    username: str
    is_admin: bool


@message("POST", "/users/update", family=WINDLASS)
class UpdateAccount(Message):
    """Disables or enables an account."""

    username: str
    is_disabled: bool


@message("DELETE", "/users/delete")
class DeleteUser(Message):
    """Removes an account with its tokens and permissions."""

    username: str
