"""RetentionKeeper: applies the retention policies once an hour, in a thread of its own."""

from __future__ import annotations

import logging
import threading

from windlass.errors import Conflict, NotFound, WindlassError
from windlass.services.lease import Lease
from windlass.services.retention.policy import RetentionPolicy
from windlass.services.retention.service import Applied
from windlass.services.workspace import Workspace

_log = logging.getLogger(__name__)
HOUR = 3600
_POLL = 60.0
_LEASE = 300


class RetentionKeeper:
    """Looks every minute whether an hour has passed since anybody applied the policies, and does it then.

    Several servers share the work by a lease: one of them does it. `every` is in seconds, `poll` too.
    """

    def __init__(self, workspace: Workspace, *, every: int = HOUR, poll: float = _POLL) -> None:
        self._workspace = workspace
        self._every = every
        self._poll = poll
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="windlass-retention", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Finish the run that is being removed and stop; the rest is left to another server, or to the next start."""
        self._closing.set()
        self._thread.join()

    def sweep(self) -> bool:
        """Apply all policies, if there are any and it is time; says whether that was done."""
        policies = self._workspace.retention.policies.visible()
        lease = Lease(self._workspace.records, "retention", seconds=_LEASE)
        if not policies or not lease.take(every=self._every):
            return False
        try:
            freed = [self._apply(policy, lease) for policy in policies]
            if any(freed):
                _log.info("retention freed shared contents: %s", self._workspace.leftovers.collect_blobs())
        except _StoppedError:
            lease.release()
            return False
        except BaseException:
            lease.release()
            raise
        lease.finish()
        return True

    def _run(self) -> None:
        while not self._closing.wait(self._poll):
            try:
                self.sweep()
            except WindlassError as error:
                _log.warning("retention waits: %s", error.message)
            except Exception:  # noqa: BLE001  it is logged with all there is to know
                # A bug here must not end the thread, nor stay unseen.
                _log.exception("retention failed")

    def _apply(self, policy: RetentionPolicy, lease: Lease) -> bool:
        """Apply one policy; says whether anything was freed."""

        def step() -> None:
            if self._closing.is_set():
                raise _StoppedError
            lease.renew()

        step()
        experiment_id = policy.experiment_id
        try:
            done = self._workspace.retention.apply(experiment_id, on_step=step)
            _tell(experiment_id, done)
            return bool(done.freed)
        except NotFound:
            self._workspace.retention.policies.remove(experiment_id)
            _log.info("the retention policy of experiment %s went with it", experiment_id)
        except Conflict as error:
            _log.info("retention leaves experiment %s alone: %s", experiment_id, error.message)
        except WindlassError as error:
            # The others are not to wait for one whose storage does not answer.
            _log.warning("retention of experiment %s is tried again in an hour: %s", experiment_id, error.message)
        return False


class _StoppedError(Exception):
    """The server stops."""


def _tell(experiment_id: str, done: Applied) -> None:
    if done.binned or done.freed:
        binned, freed = len(done.binned), len(done.freed)
        text = "retention of experiment %s: %d runs moved to the bin, %d freed (%s)"
        _log.info(text, experiment_id, binned, freed, done.count)
    for run_id in done.freed:
        _log.debug("retention of experiment %s freed run %s", experiment_id, run_id)
