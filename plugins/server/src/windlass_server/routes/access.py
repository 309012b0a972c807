"""Everything that manages accounts, permissions and the audit log."""

from __future__ import annotations

from typing import Any

from windlass_server.access.access import Access
from windlass_server.endpoint import Endpoints
from windlass_server.routes.audit import audit
from windlass_server.routes.grants import grants
from windlass_server.routes.groups import groups
from windlass_server.routes.login import login_handlers
from windlass_server.routes.permissions import permissions, user_permission
from windlass_server.routes.roles import roles
from windlass_server.routes.tokens import tokens
from windlass_server.routes.users import users

ACCOUNT_NOUNS: tuple[Endpoints, ...] = (users, groups, roles, tokens, grants, permissions)


def access_handlers(access: Access) -> list[Any]:
    """The endpoints that manage accounts and read the audit log, and the pages to sign in."""
    nouns = [*ACCOUNT_NOUNS, user_permission(access.everything, access.accounts)]
    handlers = [handler for noun in nouns for handler in noun.handlers(access.accounts, access.gate)]
    return [*handlers, *audit.handlers(access.audit, access.gate), *login_handlers(access)]
