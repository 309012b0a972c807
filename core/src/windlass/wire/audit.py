"""The audit log on the wire."""

from __future__ import annotations

from typing import Any, TypedDict

from windlass.wire.message import WINDLASS, Message, message


class AuditEntryJson(TypedDict):
    """One change: who did what to which resource, when, from where, and how it ended."""

    number: int
    time: int
    actor: str
    via: str
    address: str
    request_id: str
    action: str
    resource: str
    result: str
    before: Any
    after: Any
    hash: str


class AuditAnswer(TypedDict, total=False):
    """A page of the log, the newest entries first."""

    entries: list[AuditEntryJson]
    next_page_token: str


class AuditVerificationAnswer(TypedDict):
    """Whether the log is whole: how many entries hang together, the hash of the last, and what is wrong."""

    entries: int
    hash: str
    problems: list[str]


@message("GET", "/audit/search", family=WINDLASS)
class SearchAudit(Message):
    """Asks for entries of the audit log; `actor`, `action` and `resource` may hold `*`, `since` and `until` are times.

    Times are epoch milliseconds.
    """

    actor: str | None = None
    action: str | None = None
    resource: str | None = None
    since: int | None = None
    until: int | None = None
    max_results: int = 100
    page_token: str | None = None


@message("GET", "/audit/verify", family=WINDLASS)
class VerifyAudit(Message):
    """Asks whether the audit log is whole."""
