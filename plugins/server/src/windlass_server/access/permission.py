"""Permission: what an account may do with a resource."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from windlass.errors import InvalidValue


class Permission(IntEnum):
    """Each one includes those before it, but DENY, which no other permission outweighs."""

    DENY = 0
    NO_PERMISSIONS = 1
    READ = 2
    USE = 3
    EDIT = 4
    MANAGE = 5


def parse_permission(text: str) -> Permission:
    """The permission of a name, in any case."""
    try:
        return Permission[text.upper()]
    except KeyError:
        raise InvalidValue("permission", text, "is not known", limit=", ".join(Permission.__members__)) from None


def effective(granted: Iterable[Permission], default: Permission) -> Permission:
    """What several grants amount to: DENY if one of them denies, else the highest, and the default without any."""
    found = set(granted)
    if Permission.DENY in found:
        return Permission.DENY
    return max(found, default=default)
