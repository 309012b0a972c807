"""Groups: making, filling and removing them."""

from __future__ import annotations

from dataclasses import replace

from windlass.errors import AlreadyExists, NotFound
from windlass.services.limits import check_text
from windlass_server.access.group import Group
from windlass_server.access.records import GRANTS, GROUPS, AccessRecords
from windlass_server.access.user import User
from windlass_server.access.users import Users
from windlass_server.access.view import View

_MAX_NAME = 250
_MAX_DESCRIPTION = 1000


class Groups:
    """The groups of accounts; kept by their ids, so that a new one of an old name has nothing of the old one."""

    def __init__(self, records: AccessRecords, view: View, users: Users) -> None:
        self._records = records
        self._view = view
        self._users = users

    def all(self) -> list[Group]:
        """All groups by name."""
        return sorted((Group.of(one.value) for one in self._records.all(GROUPS)), key=lambda one: one.name)

    def get(self, group_id: int) -> Group:
        """The group of an id."""
        try:
            return Group.of(self._records.store.get(GROUPS, str(group_id)).value)
        except NotFound:
            raise NotFound(f"there is no group with the id {group_id}") from None

    def named(self, name: str) -> Group:
        """The group of a name."""
        found = next((one for one in self.all() if one.name == name), None)
        if found is None:
            raise NotFound(f"there is no group {name!r}")
        return found

    def create(self, name: str, description: str = "") -> Group:
        """A new group; AlreadyExists if the name is taken."""
        self._check_free(name)
        check_text("description", description, _MAX_DESCRIPTION)
        group = Group(self._records.next_id("group"), name, description)
        self._records.store.put(GROUPS, str(group.id), group.record(), expected=0)
        self._announce()
        return group

    def update(self, group_id: int, *, name: str | None = None, description: str | None = None) -> Group:
        """Change the name or the description."""
        group = self.get(group_id)
        if name is not None and name != group.name:
            self._check_free(name)
        changed = replace(
            group, name=name or group.name, description=group.description if description is None else description
        )
        check_text("description", changed.description, _MAX_DESCRIPTION)
        self._records.store.put(GROUPS, str(group_id), changed.record())
        self._announce()
        return changed

    def delete(self, group_id: int) -> Group:
        """Remove a group with its grants."""
        group = self.get(group_id)
        for one in list(self._records.all(GRANTS)):
            if one.value["holder"] == ["group", group_id]:
                self._records.store.delete(GRANTS, one.key)
        self._records.store.delete(GROUPS, str(group_id))
        self._announce()
        return group

    def members(self, group: Group) -> list[User]:
        """The accounts in a group, also those that an identity provider puts there."""
        return [one for one in self._users.all() if group.id in one.groups or group.name in one.claimed]

    def add(self, group: Group, username: str) -> User:
        """Put an account into a group; nothing happens if it is there."""
        return self._users.change(username, lambda user: replace(user, groups=tuple(sorted({*user.groups, group.id}))))

    def remove(self, group: Group, username: str) -> User:
        """Take an account out of a group; nothing happens if it is not there."""
        return self._users.change(
            username, lambda user: replace(user, groups=tuple(one for one in user.groups if one != group.id))
        )

    def _check_free(self, name: str) -> None:
        check_text("name", name, _MAX_NAME, empty=False)
        if any(one.name == name for one in self.all()):
            raise AlreadyExists(f"there is a group {name!r} already")

    def _announce(self) -> None:
        self._records.changed()
        self._view.refresh(force=True)
