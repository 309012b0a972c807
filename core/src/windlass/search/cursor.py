"""Page tokens: signed keyset cursors.

A token holds the sort values of the last row of a page, so pages neither skip nor repeat when rows are added meanwhile.
It is signed together with the query, so it cannot be forged or carried over to another query.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence

from windlass.errors import InvalidQuery
from windlass.search.query import Query

SortValue = str | int | float | None
_SIGNATURE = 16


def encode_cursor(values: Sequence[SortValue], query: Query, key: bytes) -> str:
    """The token that continues `query` behind a row with these sort values."""
    body = json.dumps(list(values), separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_sign(body, query, key) + body).decode().rstrip("=")


def decode_cursor(query: Query, key: bytes) -> list[SortValue] | None:
    """The sort values in the query's page token, None without one; a foreign or altered token is an InvalidQuery."""
    token = query.page_token
    if not token:
        return None
    try:
        raw = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except ValueError:
        raw = b""
    signature, body = raw[:_SIGNATURE], raw[_SIGNATURE:]
    if not hmac.compare_digest(signature, _sign(body, query, key)):
        raise InvalidQuery("page_token", token, "does not belong to this query", hint="start again without a token")
    values: list[SortValue] = json.loads(body)
    return values


def _sign(body: bytes, query: Query, key: bytes) -> bytes:
    return hmac.digest(key, body + b"\0" + query.fingerprint.encode("utf-8", "surrogatepass"), hashlib.sha256)[
        :_SIGNATURE
    ]
