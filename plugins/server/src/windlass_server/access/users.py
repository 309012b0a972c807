"""Users: making, changing and removing accounts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from threading import Lock

from windlass.errors import AlreadyExists, Conflict, InvalidValue, NotFound
from windlass.services.identity import now_ms
from windlass.services.limits import check_text
from windlass_server.access.passwords import hash_password
from windlass_server.access.records import GRANTS, TOKENS, USERS, AccessRecords
from windlass_server.access.user import LOCAL, User
from windlass_server.access.view import View

_MAX_NAME = 250


class Users:
    """The accounts of a server."""

    def __init__(self, records: AccessRecords, view: View) -> None:
        self._records = records
        self._view = view
        self._changing_admins = Lock()

    def get(self, username: str) -> User:
        """The account as it is kept; NotFound if there is none."""
        try:
            return User.of(self._records.store.get(USERS, check_username(username)).value)
        except NotFound:
            raise NotFound(f"there is no account {username!r}") from None

    def all(self) -> list[User]:
        """All accounts by name."""
        return [User.of(one.value) for one in self._records.all(USERS)]

    def create(
        self, username: str, password: str | None = None, *, is_admin: bool = False, origin: str = LOCAL
    ) -> User:
        """A new account; without a password, of a local origin, only tokens let it in. AlreadyExists if it is taken."""
        check_username(username)
        hashed = None if password is None else hash_password(password)
        user = User(self._records.next_id("user"), username, hashed, is_admin=is_admin, origin=origin, created=now_ms())
        try:
            self._records.store.put(USERS, username, user.record(), expected=0)
        except AlreadyExists:
            raise AlreadyExists(f"there is an account {username!r} already") from None
        self._announce()
        return user

    def set_password(self, username: str, password: str) -> User:
        """Give an account another password; what was signed in with the one before is signed out."""
        hashed = hash_password(password)
        return self.change(username, lambda user: replace(user, password=hashed))

    def set_admin(self, username: str, *, is_admin: bool) -> User:
        """Make an account an administrator, or no longer; Conflict if it is the last one."""
        return self._keep_an_admin(username, lambda user: replace(user, is_admin=is_admin))

    def set_disabled(self, username: str, *, is_disabled: bool) -> User:
        """Lock an account out, or let it in again; Conflict if it is the last administrator."""
        return self._keep_an_admin(username, lambda user: replace(user, is_disabled=is_disabled))

    def set_claims(self, username: str, claimed: Iterable[str], *, is_admin: bool | None = None) -> User:
        """Note what an identity provider says of an account; nothing is written if it says what it said before."""
        user = self.get(username)
        told = replace(
            user,
            claimed=tuple(sorted(set(claimed))),
            is_admin=user.is_admin if is_admin is None else is_admin,
        )
        if told == user:
            return user
        keep = self._keep_an_admin if user.is_admin and not told.is_admin else self.change
        return keep(username, lambda one: replace(one, claimed=told.claimed, is_admin=told.is_admin))

    def delete(self, username: str) -> User:
        """Remove an account with its tokens and grants; Conflict if it is the last administrator."""
        with self._changing_admins:
            user = self.get(username)
            self._check_last_admin(user)
            for one in list(self._records.all(TOKENS)):
                if one.value["user_id"] == user.id:
                    self._records.store.delete(TOKENS, one.key)
            for one in list(self._records.all(GRANTS)):
                if one.value["holder"] == ["user", user.id]:
                    self._records.store.delete(GRANTS, one.key)
            self._records.store.delete(USERS, username)
        self._announce()
        return user

    def change(self, username: str, change: Callable[[User], User]) -> User:
        """Replace an account by what `change` makes of it."""
        try:
            value = self._records.update(USERS, username, lambda kept: change(User.of(kept)).record())
        except NotFound:
            raise NotFound(f"there is no account {username!r}") from None
        self._announce()
        return User.of(value)

    def _keep_an_admin(self, username: str, change: Callable[[User], User]) -> User:
        with self._changing_admins:
            user = self.get(username)
            changed = change(user)
            if not (changed.is_admin and not changed.is_disabled):
                self._check_last_admin(user)
            return self.change(username, change)

    def _check_last_admin(self, user: User) -> None:
        if not user.is_admin or user.is_disabled:
            return
        if not any(one.is_admin and not one.is_disabled and one.id != user.id for one in self.all()):
            raise Conflict(
                f"{user.username!r} is the last administrator", hint="make another account an administrator first"
            )

    def _announce(self) -> None:
        self._records.changed()
        self._view.refresh(force=True)


def check_username(username: str) -> str:
    """A user name: no colon, which would end it in a Basic header, and nothing that cannot be seen."""
    check_text("username", username, _MAX_NAME, empty=False)
    if ":" in username or not username.isprintable() or username != username.strip():
        raise InvalidValue("username", username, "must not hold colons, control characters or spaces around it")
    return username
