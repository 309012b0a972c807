"""DeploymentHistory: what a deployment's changes say about what it was and is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from windlass.entities import ChangeAction, ChangeState, DeploymentChange, DeploymentKey
from windlass.errors import NotFound

_SETS_MODEL = (ChangeAction.CREATE, ChangeAction.UPDATE, ChangeAction.ROLLBACK)


class DeploymentHistory:
    """The changes of one deployment, read from the newest one backwards as far as needed."""

    def __init__(self, key: DeploymentKey, changes: Iterable[DeploymentChange]) -> None:
        self._key = key
        self._changes = changes

    def version_before(self) -> DeploymentChange:
        """The last version that was another one than the present; NotFound if there was none."""
        versions = self._versions()
        present = next(versions, None)
        if present is None:
            raise NotFound(
                f"nothing is known of a deployment {self._key}", hint="`windlass deployments list` shows all"
            )
        for one in versions:
            if _content(one) != _content(present):
                return one
        raise NotFound(f"the deployment {self._key} has no version before {present.resolved_uri}")

    def version(self, number: int) -> DeploymentChange:
        """The version that the change of this number brought; NotFound if it brought none."""
        known = []
        for one in self._versions():
            if one.number == number:
                return one
            known.append(str(one.number))
        raise NotFound(f"the deployment {self._key} has no version {number} (known: {', '.join(known) or 'none'})")

    def _versions(self) -> Iterator[DeploymentChange]:
        """What it answered with, newest first, up to its creation."""
        for one in self._changes:
            if one.state != ChangeState.DONE:
                continue
            if one.action == ChangeAction.DELETE:
                return
            if one.action in _SETS_MODEL:
                yield one


def _content(change: DeploymentChange) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    return change.resolved_uri, change.flavor, tuple(sorted(change.config.items()))
