"""DeploymentLog: who did what to which deployment, and when."""

from __future__ import annotations

import builtins
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from windlass.entities import DeploymentChange, DeploymentKey


class DeploymentLog(ABC):
    """The changes of all deployments, on whatever target, in the order in which they were begun.

    A change is written down before the target is asked, so that what somebody began is known even if their machine
    dies in the middle of it. The log tells hooks of what was done, in the process that owns the store.
    """

    @abstractmethod
    def begin(self, change: DeploymentChange) -> DeploymentChange:
        """Write down what is about to be done; the answer has its number, its time and the user."""

    @abstractmethod
    def end(self, change: DeploymentChange) -> DeploymentChange:
        """Write down how it ended: its state, message, URL; NotFound if it was never begun."""

    @abstractmethod
    def changes(
        self, key: DeploymentKey, *, max_results: int = 100, before: int | None = None
    ) -> Sequence[DeploymentChange]:
        """The changes of a deployment, newest first; only those with a smaller number than `before`."""

    @abstractmethod
    def latest(self) -> builtins.list[DeploymentChange]:
        """The newest change of every deployment that did not fail, also of those that are gone; sorted by key."""


@runtime_checkable
class LogsDeployments(Protocol):
    """A tracking store that keeps the log of deployments itself, since others own what is behind it."""

    @property
    def deployment_log(self) -> DeploymentLog:
        """The log."""
        ...
