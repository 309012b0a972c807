"""API tokens over HTTP."""

from __future__ import annotations

from windlass.errors import PermissionDenied
from windlass.wire import token as wire
from windlass_server.access.accounts import Accounts
from windlass_server.access.caller import current_caller
from windlass_server.access.token import Token
from windlass_server.endpoint import Endpoints

tokens = Endpoints("tokens")


@tokens.add
def create_token(accounts: Accounts, request: wire.CreateToken) -> wire.NewTokenAnswer:
    """Make a token; nobody can see it later."""
    caller = current_caller()
    user = accounts.users.get(request.username or caller.username)
    if user.id == caller.user_id and (caller.scope or caller.read_only):
        raise PermissionDenied("a token that is narrowed down makes no others")
    secret, token = accounts.tokens.create(
        user, request.name, days=request.days, read_only=request.read_only, resources=request.resources
    )
    return {"token": secret, "about": _encode(token, user.username)}


@tokens.add
def list_tokens(accounts: Accounts, request: wire.ListTokens) -> wire.TokensAnswer:
    """The tokens of an account, or all for an administrator."""
    caller = current_caller()
    wanted = request.username if request.username or caller.manages else caller.username
    names = {one.id: one.username for one in accounts.users.all()}
    found = [_encode(one, names.get(one.user_id, "")) for one in accounts.tokens.all()]
    return {"tokens": [one for one in found if not wanted or one["username"] == wanted]}


@tokens.add
def delete_token(accounts: Accounts, request: wire.DeleteToken) -> None:
    """Make a token worthless."""
    accounts.tokens.delete(accounts.tokens.get(request.id))


def _encode(token: Token, username: str) -> wire.TokenJson:
    return {
        "id": token.id,
        "name": token.name,
        "username": username,
        "read_only": token.read_only,
        "resources": list(token.resources),
        "created": token.created,
        "expires": token.expires,
        "last_used": token.last_used,
    }
