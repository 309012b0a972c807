"""Grants: giving and taking permissions."""

from __future__ import annotations

from dataclasses import replace

from windlass.errors import AlreadyExists, NotFound
from windlass_server.access.grant import Grant, Holder
from windlass_server.access.permission import Permission
from windlass_server.access.records import GRANTS, AccessRecords
from windlass_server.access.resource import Pattern, Resource
from windlass_server.access.view import View


class Grants:
    """The permissions of accounts and groups."""

    def __init__(self, records: AccessRecords, view: View) -> None:
        self._records = records
        self._view = view

    def all(self) -> list[Grant]:
        """All grants in the order in which they were given."""
        return sorted((Grant.of(one.value) for one in self._records.all(GRANTS)), key=lambda one: one.id)

    def get(self, grant_id: int) -> Grant:
        """The grant of an id."""
        found = next((one for one in self.all() if one.id == grant_id), None)
        if found is None:
            raise NotFound(f"there is no permission with the id {grant_id}")
        return found

    def find(self, holder: Holder, pattern: Pattern) -> Grant:
        """What a holder was granted on a pattern."""
        key = Grant(0, holder, pattern, Permission.READ).key
        try:
            return Grant.of(self._records.store.get(GRANTS, key).value)
        except NotFound:
            raise NotFound(
                f"no permission was granted on {pattern.type} {pattern.text!r}", hint="grant one first"
            ) from None

    def create(self, holder: Holder, pattern: Pattern, permission: Permission) -> Grant:
        """A new grant; AlreadyExists if the holder has one on the same pattern."""
        grant = Grant(self._records.next_id("grant"), holder, pattern, permission)
        try:
            self._records.store.put(GRANTS, grant.key, grant.record(), expected=0)
        except AlreadyExists:
            raise AlreadyExists(
                f"a permission on {pattern.type} {pattern.text!r} was granted before", hint="change that one"
            ) from None
        if not self._view.note_grant(grant, self._records.changed()):
            self._view.refresh(force=True)
        return grant

    def put(self, holder: Holder, pattern: Pattern, permission: Permission) -> Grant:
        """The grant of a holder on a pattern, made or changed."""
        try:
            return self.change(self.find(holder, pattern), permission)
        except NotFound:
            return self.create(holder, pattern, permission)

    def change(self, grant: Grant, permission: Permission) -> Grant:
        """Give the same holder another permission on the same pattern."""
        changed = replace(grant, permission=permission)
        self._records.store.put(GRANTS, changed.key, changed.record())
        self._announce()
        return changed

    def delete(self, grant: Grant) -> None:
        """Take a permission back."""
        self._records.store.delete(GRANTS, grant.key)
        self._announce()

    def forget(self, resource: Resource) -> None:
        """Remove what was granted on a resource that is no more: a later one of its name starts anew."""
        self._move(resource, None)

    def follow(self, resource: Resource, new_name: str) -> None:
        """Let the grants on a registered model follow its new name."""
        self._move(resource, new_name)

    def _move(self, resource: Resource, new_name: str | None) -> None:
        own = Pattern(resource.type, resource.id, exact=True)
        found = [one for one in self.all() if one.pattern == own]
        for grant in found:
            if new_name is not None:
                moved = replace(grant, pattern=replace(own, text=new_name))
                self._records.store.put(GRANTS, moved.key, moved.record())
            self._records.store.delete(GRANTS, grant.key)
        if found:
            self._announce()

    def _announce(self) -> None:
        self._records.changed()
        self._view.refresh(force=True)
