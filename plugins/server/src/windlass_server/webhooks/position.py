"""Positions in lists of webhooks and deliveries: page tokens that are the id of the last one shown."""

from __future__ import annotations

import re

from windlass.errors import InvalidQuery

_ID = re.compile(r"[0-9a-f]{32}")


def check_position(page_token: str | None) -> str:
    """The id behind a page token, empty for the beginning; InvalidQuery if it can be no id."""
    if page_token and not _ID.fullmatch(page_token):
        raise InvalidQuery("page_token", page_token, "is none of this server")
    return page_token or ""
