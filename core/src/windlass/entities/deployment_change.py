"""DeploymentChange: what somebody did to a deployment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class ChangeAction(StrEnum):
    """What was to be done."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    ROLLBACK = "ROLLBACK"
    CANARY = "CANARY"
    DELETE = "DELETE"


class ChangeState(StrEnum):
    """How far it came; STARTED for long means that whoever did it was ended before it was done."""

    STARTED = "STARTED"
    DONE = "DONE"
    FAILED = "FAILED"
    ROLLED_BACK = "ROLLED_BACK"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentKey:
    """Which deployment: its target as the user names it, its name, and its endpoint on targets that have endpoints."""

    target: str
    name: str
    endpoint: str | None = None

    def __str__(self) -> str:
        place = f"{self.target} endpoint {self.endpoint}" if self.endpoint else self.target
        return f"{self.name!r} on {place}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentChange:
    """One change of one deployment; `number` counts a deployment's changes from 1.

    `percent` is the part of the requests that goes to a canary. Times are epoch milliseconds UTC; `message` says what
    went wrong.
    """

    key: DeploymentKey
    action: str
    state: str = ChangeState.STARTED
    number: int = 0
    model_uri: str = ""
    resolved_uri: str = ""
    flavor: str = ""
    config: Mapping[str, str] = field(default_factory=dict)
    percent: int | None = None
    user: str = ""
    url: str | None = None
    message: str = ""
    start_time: int = 0
    end_time: int | None = None
