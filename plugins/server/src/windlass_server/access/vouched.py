"""Vouched: accounts of those whom somebody trusted lets in, an identity provider or a proxy."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock

from windlass.errors import AlreadyExists, InvalidValue, NotFound, Unauthenticated
from windlass_server.access.accounts import Accounts
from windlass_server.access.user import User


class Vouched:
    """Finds or makes the account that somebody vouches for."""

    def __init__(self, accounts: Accounts, *, create: bool = True) -> None:
        self._accounts = accounts
        self._create = create
        self._making = Lock()

    def user(
        self,
        username: str,
        origin: str,
        *,
        groups: Iterable[str] | None = None,
        is_admin: bool | None = None,
        adopt: bool = False,
    ) -> User:
        """The account of a name and an origin, with the groups it has there.

        Unauthenticated if an account of this name came from elsewhere and `adopt` is not set, if it is disabled, or if
        there is none and none is to be made.
        """
        user = self._accounts.view.users.get(username) or self._make(username, origin)
        if user.origin != origin and not adopt:
            raise Unauthenticated(
                f"the account {username!r} signs in another way", hint="an administrator can remove or rename it"
            )
        if groups is not None and (
            user.claimed != tuple(sorted(set(groups))) or (is_admin is not None and user.is_admin != is_admin)
        ):
            user = self._accounts.users.set_claims(username, groups, is_admin=is_admin)
        if user.is_disabled:
            raise Unauthenticated(f"the account {username!r} is disabled", hint="ask an administrator")
        return user

    def _make(self, username: str, origin: str) -> User:
        if not self._create:
            raise Unauthenticated(f"there is no account {username!r}", hint="ask an administrator to make one")
        with self._making:
            try:
                return self._accounts.users.create(username, origin=origin)
            except AlreadyExists:
                return self._existing(username)
            except InvalidValue as error:
                raise Unauthenticated(f"the user name cannot be used here: {error.message}") from None

    def _existing(self, username: str) -> User:
        try:
            return self._accounts.users.get(username)
        except NotFound:
            raise Unauthenticated(f"there is no account {username!r}") from None
