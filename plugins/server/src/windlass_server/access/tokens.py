"""Tokens: making them, finding them, making them worthless."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace

from windlass.errors import InvalidValue, NotFound, WindlassError
from windlass.services.identity import now_ms
from windlass.services.limits import check_text
from windlass_server.access.records import TOKENS, AccessRecords
from windlass_server.access.resource import parse_scope
from windlass_server.access.token import Token, key_of, new_secret
from windlass_server.access.user import User
from windlass_server.access.view import View

DEFAULT_DAYS = 90
_MOST_DAYS = 3650
_DAY = 24 * 60 * 60 * 1000
_MAX_NAME = 250
_NOTED = 10 * 60 * 1000
"""Milliseconds after which the last use is noted again."""


class Tokens:
    """The API tokens of all accounts."""

    def __init__(self, records: AccessRecords, view: View) -> None:
        self._records = records
        self._view = view

    def all(self) -> list[Token]:
        """All tokens, the oldest first."""
        return sorted((Token.of(one.value) for one in self._records.all(TOKENS)), key=lambda one: one.created)

    def get(self, token_id: str) -> Token:
        """The token of an id."""
        found = next((one for one in self.all() if one.id == token_id), None)
        if found is None:
            raise NotFound(f"there is no token {token_id!r}")
        return found

    def create(
        self,
        user: User,
        name: str,
        *,
        days: int | None = None,
        read_only: bool = False,
        resources: Iterable[str] = (),
    ) -> tuple[str, Token]:
        """A new token and its secret, which nobody can find out later; 0 days is for ever."""
        check_text("name", name, _MAX_NAME, empty=False)
        days = DEFAULT_DAYS if days is None else days
        if not 0 <= days <= _MOST_DAYS:
            raise InvalidValue("days", days, "is out of range", limit=f"0 … {_MOST_DAYS}, 0 is for ever")
        scope = tuple(resources)
        for one in scope:
            parse_scope(one)
        secret, now = new_secret(), now_ms()
        token = Token(
            id=secrets.token_hex(6),
            key=key_of(secret),
            user_id=user.id,
            name=name,
            read_only=read_only,
            resources=scope,
            created=now,
            expires=now + days * _DAY if days else None,
        )
        self._records.store.put(TOKENS, token.key, token.record(), expected=0)
        self._announce()
        return secret, token

    def delete(self, token: Token) -> None:
        """Make a token worthless."""
        self._records.store.delete(TOKENS, token.key)
        self._announce()

    def note_use(self, token: Token) -> None:
        """Remember that a token was used, now and then: a write for every request would be a waste."""
        now = now_ms()
        if token.last_used is not None and now - token.last_used < _NOTED:
            return
        used = replace(token, last_used=now)
        # Whether it is noted must not decide whether it is let in, and a token that has gone must not come back.
        with suppress(WindlassError):
            found = self._records.store.get(TOKENS, token.key)
            self._records.store.put(TOKENS, token.key, used.record(), expected=found.revision)
            self._view.tokens[token.key] = used

    def _announce(self) -> None:
        self._records.changed()
        self._view.refresh(force=True)
