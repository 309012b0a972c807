"""View: accounts and permissions in memory, because a request must not wait for a database to be allowed."""

from __future__ import annotations

import time
from collections import defaultdict
from threading import Lock

from windlass_server.access.caller import Caller
from windlass_server.access.grant import Grant, Holder
from windlass_server.access.group import Group
from windlass_server.access.permission import Permission, effective
from windlass_server.access.records import GRANTS, GROUPS, TOKENS, USERS, AccessRecords
from windlass_server.access.resource import Resource, ResourceType
from windlass_server.access.token import Token, covers
from windlass_server.access.user import User

FRESH = 2.0
"""Seconds after which a process asks whether another one has changed something."""
_RELOAD = 30.0
_MAX_DECISIONS = 100_000


class View:
    """What is known of all accounts; a change by another process is seen after two seconds at most.

    Every half a minute all of it is read again, should a process have died between a change and its announcement.
    """

    def __init__(self, records: AccessRecords, default: Permission) -> None:
        self._records = records
        self._default = default
        self._lock = Lock()
        self._checked = self._loaded = 0.0
        self.generation = -1
        self.users: dict[str, User] = {}
        self.groups: dict[int, Group] = {}
        self.tokens: dict[str, Token] = {}
        self.grants: dict[str, Grant] = {}
        self._by_holder: dict[Holder, list[Grant]] = {}
        self._decisions: dict[tuple[int, ResourceType, str, str], Permission] = {}

    @property
    def is_stale(self) -> bool:
        """Whether `refresh` has something to do."""
        return time.monotonic() - self._checked > FRESH

    def refresh(self, *, force: bool = False, fresh: float = FRESH) -> bool:
        """Learn what changed, unless that was asked less than `fresh` seconds ago; whether another process did."""
        with self._lock:
            now = time.monotonic()
            if not force and now - self._checked <= fresh:
                return False
            version = self._records.version()
            is_news = version != self.generation
            if force or is_news or now - self._loaded > _RELOAD:
                self._load()
                self._loaded = now
                self.generation = version
            self._checked = now
            return is_news

    def user_of(self, user_id: int) -> User | None:
        """The account of an id."""
        return next((one for one in self.users.values() if one.id == user_id), None)

    def groups_of(self, user: User) -> list[Group]:
        """The groups that an account is in: those it was put into, and those that its provider claims for it."""
        claimed = set(user.claimed)
        return [one for one in self.groups.values() if one.id in user.groups or one.name in claimed]

    def grants_of(self, holder: Holder) -> list[Grant]:
        """What an account or a group itself was granted."""
        return self._by_holder.get(holder, [])

    def permission(self, caller: Caller, resource: Resource) -> Permission:
        """What the caller may do with a resource, everything considered."""
        if not covers(caller.scope, resource):
            return Permission.NO_PERMISSIONS
        allowed = Permission.MANAGE if caller.is_admin else self.permission_of(caller.username, resource)
        return min(allowed, Permission.READ) if caller.read_only else allowed

    def permission_of(self, username: str, resource: Resource) -> Permission:
        """What an account may do with a resource by its own grants and those of its groups."""
        user = self.users.get(username)
        if user is None or user.is_disabled:
            return Permission.NO_PERMISSIONS
        if user.is_admin:
            return Permission.MANAGE
        key = (user.id, resource.type, resource.id, resource.name)
        decisions = self._decisions
        if (known := decisions.get(key)) is None:
            if len(decisions) > _MAX_DECISIONS:
                decisions.clear()
            known = decisions[key] = self._decide(user, resource)
        return known

    def _decide(self, user: User, resource: Resource) -> Permission:
        holders: list[Holder] = [("user", user.id), *(("group", one.id) for one in self.groups_of(user))]
        granted = (
            grant.permission
            for holder in holders
            for grant in self.grants_of(holder)
            if grant.pattern.matches(resource)
        )
        return effective(granted, self._default)

    def _load(self) -> None:
        records = self._records
        users = [User.of(one.value) for one in records.all(USERS)]
        self.groups = {one.id: one for one in (Group.of(record.value) for record in records.all(GROUPS))}
        self.tokens = {one.key: one for one in (Token.of(record.value) for record in records.all(TOKENS))}
        self.grants = {one.key: one for one in (Grant.of(record.value) for record in records.all(GRANTS))}
        by_holder = defaultdict(list)
        for grant in self.grants.values():
            by_holder[grant.holder].append(grant)
        self._by_holder = dict(by_holder)
        self.users = {one.username: one for one in users}
        # Others may be in the middle of a decision by what was known before: they keep it to the old dictionary.
        self._decisions = {}

    def note_grant(self, grant: Grant, version: int) -> bool:
        """Take in a new grant of this process without reading everything again; False if others changed things too."""
        with self._lock:
            if version != self.generation + 1:
                return False
            self.grants[grant.key] = grant
            own = [one for one in self.grants_of(grant.holder) if one.key != grant.key]
            self._by_holder = {**self._by_holder, grant.holder: [*own, grant]}
            self._decisions = {}
            self.generation = version
            return True
