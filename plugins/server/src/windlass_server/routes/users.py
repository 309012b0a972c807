"""Accounts over HTTP."""

from __future__ import annotations

from windlass.errors import InvalidValue
from windlass.wire import user as wire
from windlass_server.access.accounts import Accounts
from windlass_server.access.caller import current_caller
from windlass_server.access.grant import Grant
from windlass_server.access.passwords import verify_password
from windlass_server.access.resource import ResourceType
from windlass_server.access.user import User
from windlass_server.endpoint import Endpoints
from windlass_server.routes.roles import encode_role

users = Endpoints("accounts")


@users.add
def create_user(accounts: Accounts, request: wire.CreateUser) -> wire.UserAnswer:
    """Make an account with a password."""
    return {"user": encode_user(accounts, accounts.users.create(request.username, request.password))}


@users.add
def create_account(accounts: Accounts, request: wire.CreateAccount) -> wire.UserAnswer:
    """Make an account, or a service account."""
    made = accounts.users.create(request.username, request.password, is_admin=request.is_admin)
    return {"user": encode_user(accounts, made)}


@users.add
def get_user(accounts: Accounts, request: wire.GetUser) -> wire.UserAnswer:
    """The account of a name."""
    return {"user": encode_user(accounts, accounts.users.get(request.username))}


@users.add
def list_users(accounts: Accounts, request: wire.ListUsers) -> wire.UsersAnswer:
    """All accounts; what they may do is for administrators."""
    del request
    detailed = current_caller().manages
    return {"users": [encode_user(accounts, one, detailed=detailed) for one in accounts.users.all()]}


@users.add
def get_current_user(accounts: Accounts, request: wire.GetCurrentUser) -> wire.CurrentUserAnswer:
    """Whoever asks."""
    del request
    user = accounts.users.get(current_caller().username)
    return {"user": encode_user(accounts, user), "is_basic_auth": user.password is not None}


@users.add
def update_user_password(accounts: Accounts, request: wire.UpdateUserPassword) -> None:
    """Change a password; the own one only with the present one."""
    user = accounts.users.get(request.username)
    is_own = current_caller().username == request.username
    if is_own and not verify_password(user.password, request.current_password or ""):
        raise InvalidValue(
            "current_password", "…", "is not the present password", hint="it is needed to change your own"
        )
    accounts.users.set_password(request.username, request.password)


@users.add
def update_user_admin(accounts: Accounts, request: wire.UpdateUserAdmin) -> None:
    """Make an administrator, or no longer."""
    accounts.users.set_admin(request.username, is_admin=request.is_admin)


@users.add
def update_account(accounts: Accounts, request: wire.UpdateAccount) -> wire.UserAnswer:
    """Lock an account out, or let it in again."""
    changed = accounts.users.set_disabled(request.username, is_disabled=request.is_disabled)
    return {"user": encode_user(accounts, changed)}


@users.add
def delete_user(accounts: Accounts, request: wire.DeleteUser) -> None:
    """Remove an account."""
    accounts.users.delete(request.username)


def encode_user(accounts: Accounts, user: User, *, detailed: bool = True) -> wire.UserJson:
    """The JSON of an account."""
    own = accounts.view.grants_of(("user", user.id)) if detailed else []
    groups = accounts.view.groups_of(user)
    return {
        "id": user.id,
        "username": user.username,
        "is_admin": user.is_admin,
        "experiment_permissions": [
            {"experiment_id": one.pattern.text, "user_id": user.id, "permission": one.permission.name}
            for one in _on(own, ResourceType.EXPERIMENT)
        ],
        "registered_model_permissions": [
            {"name": one.pattern.text, "user_id": user.id, "permission": one.permission.name}
            for one in _on(own, ResourceType.REGISTERED_MODEL)
        ],
        "roles": [encode_role(accounts, one) for one in groups] if detailed else [],
        "is_service": user.is_service,
        "is_disabled": user.is_disabled,
        "origin": user.origin,
        "groups": [one.name for one in groups],
        "created": user.created,
    }


def _on(grants: list[Grant], kind: ResourceType) -> list[Grant]:
    return [one for one in grants if one.pattern.type is kind]
