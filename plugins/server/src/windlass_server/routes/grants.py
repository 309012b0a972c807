"""Grants over HTTP."""

from __future__ import annotations

from windlass.wire import grant as wire
from windlass_server.access.accounts import Accounts
from windlass_server.access.grant import Grant
from windlass_server.access.permission import parse_permission
from windlass_server.access.resource import parse_pattern, parse_type
from windlass_server.endpoint import Endpoints

grants = Endpoints("grants")


@grants.add
def create_grant(accounts: Accounts, request: wire.CreateGrant) -> wire.GrantAnswer:
    """Give an account or a group a permission."""
    holder = accounts.holder(request.username, request.group)
    pattern = parse_pattern(request.resource_type, request.resource)
    made = accounts.grants.put(holder, pattern, parse_permission(request.permission))
    return {"grant": _encode(accounts, made)}


@grants.add
def list_grants(accounts: Accounts, request: wire.ListGrants) -> wire.GrantsAnswer:
    """The grants that were asked for."""
    found = accounts.grants.all()
    if request.username or request.group:
        holder = accounts.holder(request.username, request.group)
        found = [one for one in found if one.holder == holder]
    if request.resource_type:
        kind = parse_type(request.resource_type)
        found = [one for one in found if one.pattern.type is kind]
    if request.resource:
        found = [one for one in found if one.pattern.text == request.resource]
    return {"grants": [_encode(accounts, one) for one in found]}


@grants.add
def delete_grant(accounts: Accounts, request: wire.DeleteGrant) -> None:
    """Take back a grant."""
    accounts.grants.delete(accounts.grants.get(request.id))


def _encode(accounts: Accounts, grant: Grant) -> wire.GrantJson:
    kind, number = grant.holder
    user = accounts.view.user_of(int(number)) if kind == "user" else None
    group = accounts.view.groups.get(int(number)) if kind == "group" else None
    return {
        "id": grant.id,
        "username": user.username if user else None,
        "group": group.name if group else None,
        "resource_type": grant.pattern.type.value,
        "resource": grant.pattern.text,
        "permission": grant.permission.name,
    }
