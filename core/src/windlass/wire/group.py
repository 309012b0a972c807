"""Groups on the wire."""

from __future__ import annotations

from typing import TypedDict

from windlass.wire.message import WINDLASS, Message, message


class GroupJson(TypedDict):
    """A group of accounts; those that an identity provider puts into it are members as long as it says so."""

    id: int
    name: str
    description: str
    members: list[str]


class GroupAnswer(TypedDict):
    """One group."""

    group: GroupJson


class GroupsAnswer(TypedDict):
    """All groups."""

    groups: list[GroupJson]


@message("POST", "/groups/create", idempotent=False, family=WINDLASS)
class CreateGroup(Message):
    """Makes a group."""

    name: str
    description: str = ""


@message("GET", "/groups/list", family=WINDLASS)
class ListGroups(Message):
    """Asks for all groups."""


@message("POST", "/groups/delete", family=WINDLASS)
class DeleteGroup(Message):
    """Removes a group with its permissions."""

    name: str


@message("POST", "/groups/add-member", family=WINDLASS)
class AddGroupMember(Message):
    """Puts an account into a group."""

    name: str
    username: str


@message("POST", "/groups/remove-member", family=WINDLASS)
class RemoveGroupMember(Message):
    """Takes an account out of a group."""

    name: str
    username: str
