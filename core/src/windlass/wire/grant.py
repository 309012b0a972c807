"""Grants on the wire: what accounts and groups may do."""

from __future__ import annotations

from typing import TypedDict

from windlass.wire.message import WINDLASS, Id, Message, message


class GrantJson(TypedDict):
    """A permission of an account or a group on the resources that a pattern names."""

    id: int
    username: str | None
    group: str | None
    resource_type: str
    resource: str
    permission: str


class GrantAnswer(TypedDict):
    """One grant."""

    grant: GrantJson


class GrantsAnswer(TypedDict):
    """Several grants."""

    grants: list[GrantJson]


@message("POST", "/grants/create", family=WINDLASS)
class CreateGrant(Message):
    """Gives an account or a group a permission; an equal grant with another permission is changed."""

    resource_type: str
    resource: Id
    permission: str
    username: str | None = None
    group: str | None = None


@message("GET", "/grants/list", family=WINDLASS)
class ListGrants(Message):
    """Asks for the grants of an account, of a group, on a resource, or all."""

    username: str | None = None
    group: str | None = None
    resource_type: str | None = None
    resource: str | None = None


@message("POST", "/grants/delete", family=WINDLASS)
class DeleteGrant(Message):
    """Takes back a grant."""

    id: int
