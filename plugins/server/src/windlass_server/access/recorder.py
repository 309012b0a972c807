"""Recorder: writes what a request changed to the audit log before the answer is sent."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from windlass.errors import PermissionDenied, Unavailable, WindlassError
from windlass.services.identity import now_ms
from windlass_server.access.audit import AuditLog
from windlass_server.access.caller import caller_or_none
from windlass_server.access.origin import current_address
from windlass_server.access.rule import Asked, Kept, Rule
from windlass_server.access.snapshot import Snapshots, small
from windlass_server.observe.request_id import current_request

_log = logging.getLogger(__name__)
_IDENTITIES = ("experiment_id", "run_id", "model_id", "id", "name")


class Recorder:
    """Keeps changes in the audit log: those that the rules name, or everything that is not only read."""

    def __init__(self, log: AuditLog, snapshots: Snapshots, *, everything: bool = False) -> None:
        self.log = log
        self._snapshots = snapshots
        self._everything = everything

    def keeps(self, rule: Rule) -> bool:
        """Whether what a rule is about belongs into the log."""
        return rule.kept is Kept.ALWAYS or (self._everything and rule.kept is Kept.IF_ALL)

    def record(self, action: str, rule: Rule, asked: Asked, work: Callable[[], Any]) -> Any:
        """Do the work and write it down; nothing is done while the log cannot be written."""
        self.log.check()
        kind, *fields = rule.about.split() or [""]
        key = tuple(str(asked(one)) for one in fields if asked(one) is not None)
        before = self._snapshots.take(kind, key) if key else None
        try:
            answer = work()
        except WindlassError as error:
            result = "denied" if isinstance(error, PermissionDenied) else f"refused: {error.code}"
            # Nothing was changed, and what the client should learn is why.
            with suppress(Unavailable):
                self.write(action, _name(kind, key), result, before)
            raise
        except Exception:
            self.write(action, _name(kind, key), "failed", before)
            raise
        if key:
            # What got another name is found in the answer.
            after = self._snapshots.take(kind, key) or small(_made(answer))
            self.write(action, _name(kind, key), "done", before, after)
        else:
            made = _made(answer)
            self.write(action, _name(kind, _identity(made)), "done", None, small(made))
        return answer

    def write(self, action: str, resource: str, result: str, before: Any = None, after: Any = None) -> None:
        """Write an entry about the request in hand."""
        caller = caller_or_none()
        entry = {
            "time": now_ms(),
            "actor": caller.username if caller else "",
            "via": (f"token {caller.token}" if caller.token else caller.via) if caller else "",
            "address": current_address(),
            "request_id": current_request.get(),
            "action": action,
            "resource": resource,
            "result": result,
            "before": before,
            "after": after,
        }
        try:
            self.log.append(entry)
        except Exception as error:
            bug = None if isinstance(error, WindlassError) else error
            _log.critical("the audit log could not be written: %s: %s", error, entry, exc_info=bug)
            raise Unavailable(
                "what was done could not be written to the audit log", hint="look before you do it again"
            ) from error


def _made(answer: Any) -> Any:
    """What a request made, which the answer holds on its own or below one name."""
    if isinstance(answer, Mapping):
        parts = [one for one in answer.values() if isinstance(one, Mapping)]
        made = parts[0] if parts else answer
        return made.get("info", made)
    return answer


def _identity(made: Any) -> tuple[str, ...]:
    if not isinstance(made, Mapping):
        return ()
    if "version" in made:
        return str(made["name"]), str(made["version"])
    return tuple(str(made[one]) for one in _IDENTITIES if made.get(one) is not None)[:1]


def _name(kind: str, key: tuple[str, ...]) -> str:
    return "/".join((kind, *key))
