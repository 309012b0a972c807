"""The supervisor: a small process that owns a project and records how it ended.

It is in a session of its own, so that ctrl-C and the end of the program that submitted the project do not reach it.
SIGTERM asks it to cancel.
"""

from __future__ import annotations

import shutil
import signal
import sys
import time
from pathlib import Path

from windlass.config import Settings
from windlass.entities import RunStatus
from windlass.errors import Unavailable, WindlassError
from windlass.plugins import load_object
from windlass.services.supervision.cancellation import Cancellation, Cancelled
from windlass.services.supervision.job import Job
from windlass.services.supervision.place import JobPlace
from windlass.services.supervision.work import Assignment
from windlass.services.workspace import Workspace

_RECORDING = 600.0
_RECORDING_CANCELLED = 15.0


def supervise(place: JobPlace, cancellation: Cancellation) -> str:
    """Do the job to its end, record that, and return the status."""
    job = Job.read(place)
    with place.log.open("ab", buffering=0) as output:
        assignment = Assignment(job, place, output, cancellation)
        status = _status(assignment)
        _record(assignment, status)
    if job.fetched:
        shutil.rmtree(job.fetched, ignore_errors=True)
    place.end(status)
    return status


def _status(assignment: Assignment) -> str:
    """Do the job, and say how it ended."""
    try:
        succeeded = load_object(assignment.job.worker)(assignment).run()
        return RunStatus.FINISHED if succeeded else RunStatus.FAILED
    except Cancelled:
        return RunStatus.KILLED
    except WindlassError as error:
        assignment.say(str(error))
    except Exception as error:  # noqa: BLE001  whatever happens, the run must come to an end
        assignment.say(f"{type(error).__name__}: {error}")
    return RunStatus.FAILED


def _record(assignment: Assignment, status: str) -> None:
    """Record the end; a store that is out of reach is asked again for ten minutes, less if somebody waits."""
    began, pause = time.monotonic(), 0.5
    while True:
        try:
            with Workspace.open(Settings.load()) as workspace:
                workspace.projects.end(assignment.job.run_id, status)
            return
        except WindlassError as error:
            patience = _RECORDING_CANCELLED if assignment.cancellation.requested else _RECORDING
            if not isinstance(error, Unavailable) or time.monotonic() - began > patience:
                assignment.say(f"the end of the run could not be recorded: {error}")
                return
        time.sleep(pause)
        pause = min(pause * 2, 10.0)


def main() -> None:
    """Supervise the job in the directory that the command line names."""
    cancellation = Cancellation()

    def cancel(_signal: int, _frame: object) -> None:
        cancellation.requested = True

    signal.signal(signal.SIGTERM, cancel)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
    supervise(JobPlace(Path(sys.argv[1])), cancellation)


if __name__ == "__main__":
    main()
