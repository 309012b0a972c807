"""Groups over HTTP."""

from __future__ import annotations

from windlass.wire import group as wire
from windlass_server.access.accounts import Accounts
from windlass_server.access.group import Group
from windlass_server.endpoint import Endpoints

groups = Endpoints("groups")


@groups.add
def create_group(accounts: Accounts, request: wire.CreateGroup) -> wire.GroupAnswer:
    """Make a group."""
    return {"group": _encode(accounts, accounts.groups.create(request.name, request.description))}


@groups.add
def list_groups(accounts: Accounts, request: wire.ListGroups) -> wire.GroupsAnswer:
    """All groups."""
    del request
    return {"groups": [_encode(accounts, one) for one in accounts.groups.all()]}


@groups.add
def delete_group(accounts: Accounts, request: wire.DeleteGroup) -> None:
    """Remove a group."""
    accounts.groups.delete(accounts.groups.named(request.name).id)


@groups.add
def add_group_member(accounts: Accounts, request: wire.AddGroupMember) -> wire.GroupAnswer:
    """Put an account into a group."""
    group = accounts.groups.named(request.name)
    accounts.groups.add(group, request.username)
    return {"group": _encode(accounts, group)}


@groups.add
def remove_group_member(accounts: Accounts, request: wire.RemoveGroupMember) -> wire.GroupAnswer:
    """Take an account out of a group."""
    group = accounts.groups.named(request.name)
    accounts.groups.remove(group, request.username)
    return {"group": _encode(accounts, group)}


def _encode(accounts: Accounts, group: Group) -> wire.GroupJson:
    members = [one.username for one in accounts.groups.members(group)]
    return {"id": group.id, "name": group.name, "description": group.description, "members": members}
