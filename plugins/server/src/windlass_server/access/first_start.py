"""The first start of a server with accounts: somebody must be able to make the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from windlass.config import Settings
from windlass.errors import AlreadyExists, InvalidValue
from windlass.services.workspace import Workspace
from windlass_server.access.accounts import Accounts

Ask = Callable[[str], str | None]
"""Asks for the password of an account; None if nobody answers."""


def first_start(settings: Settings, ask: Ask) -> Settings:
    """Make the first administrator where there is none; the settings that come back no longer hold the password."""
    with Workspace.open(settings) as workspace:
        ensure_admin(Accounts(workspace.records), settings, ask)
    return replace(settings, admin_password=None)


def ensure_admin(accounts: Accounts, settings: Settings, ask: Ask | None = None) -> bool:
    """Make the first administrator where there is none, and return whether that was needed.

    The password is the one of the settings; without, `ask` is called with the name of the account. InvalidValue if
    there is neither: a server without an administrator could not be managed, and none comes with a password of ours.
    """
    if any(one.is_admin and not one.is_disabled for one in accounts.users.all()):
        return False
    password = settings.admin_password or (ask(settings.admin_username) if ask else None)
    if not password:
        raise InvalidValue(
            "admin_password",
            None,
            "is needed when a server with accounts starts for the first time",
            hint="set WINDLASS_ADMIN_PASSWORD, or start it once on a terminal, where it asks",
        )
    try:
        accounts.users.create(settings.admin_username, password, is_admin=True)
    except AlreadyExists:
        # Another process was faster, or an account of this name is no administrator (any longer).
        if not accounts.users.get(settings.admin_username).is_admin:
            raise
    return True
