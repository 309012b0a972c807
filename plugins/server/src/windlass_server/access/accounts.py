"""Accounts: users, groups, tokens and grants of one record store, with the view of them."""

from __future__ import annotations

from windlass.errors import InvalidValue
from windlass.interfaces import RecordStore
from windlass_server.access.grant import Holder
from windlass_server.access.grants import Grants
from windlass_server.access.groups import Groups
from windlass_server.access.permission import Permission
from windlass_server.access.records import AccessRecords
from windlass_server.access.tokens import Tokens
from windlass_server.access.users import Users
from windlass_server.access.view import View


class Accounts:
    """All that is kept of accounts; `default` is what an account may do where nothing was granted."""

    def __init__(self, store: RecordStore, *, default: Permission = Permission.READ) -> None:
        self.records = AccessRecords(store)
        self.default = default
        self.view = View(self.records, default)
        self.users = Users(self.records, self.view)
        self.groups = Groups(self.records, self.view, self.users)
        self.tokens = Tokens(self.records, self.view)
        self.grants = Grants(self.records, self.view)

    def holder(self, username: str | None, group: str | None) -> Holder:
        """The account or the group of a name; InvalidValue unless one of both is given."""
        if username and not group:
            return "user", self.users.get(username).id
        if group and not username:
            return "group", self.groups.named(group).id
        raise InvalidValue("username", username, "either an account or a group must be named, not both")
