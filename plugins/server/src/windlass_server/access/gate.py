"""Gate: lets a request through if its rule allows it, and writes down what it changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from windlass.config import Settings
from windlass.errors import PermissionDenied, Unauthenticated
from windlass.services.workspace import Workspace
from windlass.wire.message import Message
from windlass_server.access.accounts import Accounts
from windlass_server.access.caller import Caller, caller_or_none
from windlass_server.access.permission import Permission
from windlass_server.access.places import Places
from windlass_server.access.recorder import Recorder
from windlass_server.access.resource import Resource
from windlass_server.access.rule import Asked, Attempt, Kept, Need, Rule, Who
from windlass_server.access.rules import HANDLERS, RULES


class Gate:
    """Judges requests by the rules."""

    def __init__(self, workspace: Workspace, accounts: Accounts, recorder: Recorder) -> None:
        self.accounts = accounts
        self.recorder = recorder
        self.places = Places(workspace)
        self._locations = locations(workspace.settings)

    def answer(self, function: Callable[[Any, Any], Any], target: Any, message: Message) -> Any:
        """What the function answers to a message, if the caller may send it."""
        rule = RULES.get(type(message))
        if rule is None:
            raise no_rule(type(message).__name__)
        caller = caller_or_none()

        def asked(field: str) -> Any:
            return getattr(message, field, None)

        def work() -> Any:
            self.check(rule, caller, asked)
            answer = function(target, message)
            if rule.effects and caller is not None:
                attempt = replace(self._attempt(caller, asked), answer=answer)
                for effect in rule.effects:
                    effect(attempt)
            return answer

        if not self.recorder.keeps(rule):
            return work()
        return self.recorder.record(type(message).__name__, rule, asked, work)

    def check(self, rule: Rule, caller: Caller | None, asked: Asked) -> None:
        """Raise Unauthenticated or PermissionDenied if the caller may not do what the rule is about."""
        if rule.who is Who.ANYBODY:
            return
        if caller is None:
            raise Unauthenticated("nobody is signed in", hint="send a user name and a password, or a token")
        if caller.manages:
            return
        self._check_caller(rule, caller, asked)
        for need in rule.needs:
            self._check_need(need, caller, asked)
        if rule.conditions:
            attempt = self._attempt(caller, asked)
            for condition in rule.conditions:
                condition(attempt)

    def _attempt(self, caller: Caller, asked: Asked) -> Attempt:
        return Attempt(caller, asked, self.places, self.accounts, self._locations)

    def _check_caller(self, rule: Rule, caller: Caller, asked: Asked) -> None:
        if rule.who is Who.ADMIN:
            raise PermissionDenied(f"only administrators may do this, and {caller.username} came as none")
        if rule.kept is not Kept.NO and caller.read_only:
            raise PermissionDenied("this token is for reading only")
        if rule.own is not None:
            if asked(rule.own) not in {None, caller.username}:
                raise PermissionDenied(f"{caller.username} may do this for the own account only")
            if rule.kept is not Kept.NO and caller.scope:
                raise PermissionDenied("this token is for some resources only, not for the account")

    def _check_need(self, need: Need, caller: Caller, asked: Asked) -> None:
        for alternatives in need.find(self.places, asked):
            refused: Resource | None = None
            for resource in alternatives:
                has = self.accounts.view.permission(caller, resource)
                if has >= need.permission:
                    refused = None
                    break
                refused = refused or resource
                # What is denied is denied, whatever else would let somebody in, and only reading has other ways in.
                if has is Permission.DENY or need.permission > Permission.READ:
                    break
            if refused is not None:
                raise PermissionDenied(
                    f"{caller.username} may not do this: it needs {need.permission.name} on {refused}",
                    hint="whoever may MANAGE it can grant that",
                )


def handler_rule(opt: Mapping[str, Any]) -> Rule:
    """The rule that a handler names in its `opt`; PermissionDenied if it names none."""
    rule = HANDLERS.get(str(opt.get("access")))
    if rule is None:
        raise no_rule("what answers here")
    return rule


def no_rule(name: str) -> PermissionDenied:
    """Refuses what nobody thought of."""
    return PermissionDenied(f"no rule says who may use {name}", hint="nobody may, until there is one")


def locations(settings: Settings) -> tuple[str, ...]:
    """Where everybody may let the server keep or find files, as prefixes that end with a slash."""
    return tuple(f"{one.rstrip('/')}/" for one in settings.allowed_artifact_locations)
