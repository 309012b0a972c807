"""API tokens on the wire."""

from __future__ import annotations

from typing import TypedDict

from windlass.wire.message import WINDLASS, Message, message


class TokenJson(TypedDict):
    """A token, without its secret: where it may be used, until when, and when it was last seen."""

    id: str
    name: str
    username: str
    read_only: bool
    resources: list[str]
    created: int
    expires: int | None
    last_used: int | None


class NewTokenAnswer(TypedDict):
    """A new token; its secret is in this answer and nowhere else."""

    token: str
    about: TokenJson


class TokensAnswer(TypedDict):
    """Several tokens."""

    tokens: list[TokenJson]


@message("POST", "/tokens/create", idempotent=False, family=WINDLASS)
class CreateToken(Message):
    """Makes a token for the account that asks, or for another one if an administrator asks.

    `days` is how long it lives, 90 without, 0 for ever. `resources` narrows it to some things, each written as
    `experiment:PATTERN` or `registered_model:PATTERN`.
    """

    name: str
    username: str | None = None
    days: int | None = None
    read_only: bool = False
    resources: tuple[str, ...] = ()


@message("GET", "/tokens/list", family=WINDLASS)
class ListTokens(Message):
    """Asks for the tokens of the account that asks, or of another one; administrators see all without a name."""

    username: str | None = None


@message("POST", "/tokens/delete", family=WINDLASS)
class DeleteToken(Message):
    """Makes a token worthless."""

    id: str
