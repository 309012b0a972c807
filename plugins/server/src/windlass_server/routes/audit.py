"""The audit log over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any, cast

from windlass.errors import InvalidQuery
from windlass.wire import audit as wire
from windlass_server.access.audit import AuditLog, Entry, problems
from windlass_server.endpoint import Endpoints

audit = Endpoints("audit log")
_MOST = 1000
_SKEW = 10 * 60 * 1000
"""Milliseconds by which the clocks of two servers may differ."""


@audit.add
def search_audit(log: AuditLog, request: wire.SearchAudit) -> wire.AuditAnswer:
    """The newest entries that match."""
    if not 1 <= request.max_results <= _MOST:
        raise InvalidQuery("max_results", request.max_results, "is out of range", limit=f"1 … {_MOST}")
    found: list[wire.AuditEntryJson] = []
    for entry, fields in _matching(log, request):
        if len(found) == request.max_results:
            return {"entries": found, "next_page_token": str(found[-1]["number"])}
        found.append(cast(wire.AuditEntryJson, {**fields, "hash": entry.hash}))
    return {"entries": found}


@audit.add
def verify_audit(log: AuditLog, request: wire.VerifyAudit) -> wire.AuditVerificationAnswer:
    """Whether the log is whole."""
    del request
    entries, last, found = problems(log)
    return {"entries": entries, "hash": last, "problems": found}


def _matching(log: AuditLog, request: wire.SearchAudit) -> Iterator[tuple[Entry, dict[str, Any]]]:
    for entry in log.newest(_before(request.page_token)):
        fields = entry.fields
        if request.since is not None and fields["time"] < request.since - _SKEW:
            return
        if _matches(fields, request):
            yield entry, fields


def _matches(fields: dict[str, Any], request: wire.SearchAudit) -> bool:
    wanted = (("actor", request.actor), ("action", request.action), ("resource", request.resource))
    since, until = request.since, request.until
    return (
        all(pattern is None or fnmatchcase(str(fields[name]), pattern) for name, pattern in wanted)
        and (since is None or fields["time"] >= since)
        and (until is None or fields["time"] <= until)
    )


def _before(token: str | None) -> int | None:
    if not token:
        return None
    if not (token.isascii() and token.isdigit()):
        raise InvalidQuery("page_token", token, "belongs to no page of the audit log")
    return int(token)
