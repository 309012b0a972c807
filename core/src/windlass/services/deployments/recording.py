"""Recording: a change of a deployment while it is done, so that the log knows how it ended."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from windlass.entities import ChangeState, Deployment, DeploymentChange
from windlass.errors import PluginError, Unavailable, Unsupported, WindlassError
from windlass.interfaces import DeploymentLog

_log = logging.getLogger(__name__)


class Recording:
    """One change, which may be taken back."""

    def __init__(self, change: DeploymentChange) -> None:
        self._change = change
        self._taken_back = False

    def keep(self, deployment: Deployment) -> Deployment:
        """Remember what came of it."""
        self._change = replace(self._change, url=deployment.url)
        return deployment

    def checked(self, check: Callable[[], object], undo: Callable[[], object], undone: str) -> None:
        """Take the change back if the check raises, and say so in its error; Unavailable if that fails as well."""
        try:
            check()
        except BaseException as error:
            self._take_back(undo, error)
            if isinstance(error, WindlassError):
                error.message = f"{error.message}; {undone}"
            raise

    def _take_back(self, undo: Callable[[], object], cause: BaseException) -> None:
        try:
            undo()
        except WindlassError as error:
            hint = "look at it with `windlass deployments get`, then roll it back or delete it"
            message = f"{_told(cause)}; and what was there before could not be restored: {error.message}"
            raise Unavailable(message, hint=hint) from error
        self._taken_back = True

    def done(self) -> DeploymentChange:
        """The change that succeeded."""
        return replace(self._change, state=ChangeState.DONE)

    def failed(self, error: BaseException) -> DeploymentChange:
        """The change that did not."""
        state = ChangeState.ROLLED_BACK if self._taken_back else ChangeState.FAILED
        return replace(self._change, state=state, message=_told(error))


@contextmanager
def recording(log: DeploymentLog, change: DeploymentChange) -> Iterator[Recording]:
    """Write a change down before it is done, and how it ended; where there is no log it is done nevertheless."""
    try:
        recorded = Recording(log.begin(change))
    except (Unsupported, PluginError) as error:
        _log.warning("the change of %s is not written down: %s", change.key, error.message)
        yield Recording(change)
        return
    try:
        yield recorded
    except BaseException as error:
        _end(log, recorded.failed(error))
        raise
    _end(log, recorded.done())


def _end(log: DeploymentLog, change: DeploymentChange) -> None:
    try:
        log.end(change)
    except WindlassError as error:
        # The deployment is as it is; only what the store knows of it is older.
        _log.warning("how the change of %s ended could not be written down: %s", change.key, error.message)


def _told(error: BaseException) -> str:
    return error.message if isinstance(error, WindlassError) else f"{type(error).__name__}: {error}"
