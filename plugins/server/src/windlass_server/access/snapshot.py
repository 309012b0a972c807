"""Snapshots: the fields of a thing itself, small enough for the audit log and without secrets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from windlass.errors import NotFound
from windlass.services.workspace import Workspace
from windlass_server.access.accounts import Accounts
from windlass_server.webhooks.webhook import COLLECTION as WEBHOOKS

_SECRET = frozenset({"password", "token", "key", "secret", "current_password"})
_LONGEST = 500
_MOST = 50
_DEEPEST = 4


class Snapshots:
    """Takes snapshots of what is kept here."""

    def __init__(self, workspace: Workspace, accounts: Accounts) -> None:
        self._kinds: Mapping[str, Callable[[tuple[str, ...]], Any]] = {
            "experiment": lambda key: workspace.experiments.get(key[0]),
            "run": lambda key: workspace.runs.get(key[0]).info,
            "logged_model": lambda key: workspace.logged_models.get(key[0], allow_deleted=True),
            "registered_model": lambda key: workspace.registered_models.get(key[0]),
            "model_version": lambda key: workspace.model_versions.get(key[0], key[1]),
            "user": lambda key: accounts.users.get(key[0]),
            "group": lambda key: accounts.groups.named(key[0]),
            "role": lambda key: accounts.groups.get(int(key[0])),
            "token": lambda key: accounts.tokens.get(key[0]),
            "grant": lambda key: accounts.grants.get(int(key[0])),
            "webhook": lambda key: workspace.records.get(WEBHOOKS, key[0]).value,
        }

    def take(self, kind: str, key: tuple[str, ...]) -> Any:
        """The thing as it is now, None if there is none."""
        if kind not in self._kinds:
            return None
        try:
            return small(self._kinds[kind](key))
        except NotFound:
            return None


def small(value: Any, depth: int = 0) -> Any:
    """A value as JSON of bounded size: long texts and lists are cut and say so, secrets are left out."""
    if is_dataclass(value) and not isinstance(value, type):
        value = {one.name: getattr(value, one.name) for one in fields(value)}
    if isinstance(value, Mapping):
        return _small_mapping(value, depth)
    if isinstance(value, (list, tuple, set, frozenset)):
        kept = [small(one, depth + 1) for one in list(value)[:_MOST]]
        return [*kept, f"… {len(value) - _MOST} more"] if len(value) > _MOST else kept
    if value is None or isinstance(value, (bool, int)):
        return value
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"


def _small_mapping(value: Mapping[Any, Any], depth: int) -> Any:
    if depth >= _DEEPEST:
        return f"… {len(value)} fields"
    kept = {str(key): small(one, depth + 1) for key, one in list(value.items())[:_MOST] if key not in _SECRET}
    if len(value) > _MOST:
        kept["…"] = f"{len(value) - _MOST} more"
    return kept
