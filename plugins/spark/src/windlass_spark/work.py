"""SparkWork: what the supervisor does for a project on Spark."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from windlass.errors import WindlassError
from windlass.services.supervision.cancellation import Cancelled
from windlass.services.supervision.job import Job
from windlass.services.supervision.place import JobPlace
from windlass.services.supervision.process_group import abandon_group, how_it_ended, run_group
from windlass.services.supervision.work import Assignment, ProjectWork, inherited_variables
from windlass_spark.application import end_application
from windlass_spark.options import SparkOptions
from windlass_spark.program import spark_submit
from windlass_spark.submission import check_variables, submission


class SparkWork(ProjectWork):
    """Runs spark-submit, which stays until the application has ended."""

    def run(self) -> bool:
        """Say whether the application succeeded."""
        job = self._assignment.job
        options = _options(job)
        check_variables(options, job.variables)
        program = spark_submit(options.spark_home)
        command = submission(program, options, job.command, run_id=job.run_id, variables=job.variables)
        variables = {**_interpreters(options), **inherited_variables(), **job.variables}
        with _deadline(self._assignment, options.timeout) as deadline:
            try:
                code = run_group(self._assignment, command, directory=Path(job.directory), variables=variables)
            except OSError as error:
                raise WindlassError(f"{program} cannot be started: {error}") from None
            except Cancelled:
                if problem := end_application(options, self._assignment.place.log):
                    self._assignment.say(problem)
                if not deadline.passed:
                    raise
                self._assignment.say(f"the application took longer than {options.timeout:g} seconds, and was ended")
                return False
        if code != 0:
            self._assignment.say(f"spark-submit {how_it_ended(code)}")
        return code == 0

    @classmethod
    def abandon(cls, place: JobPlace) -> None:
        """End the processes of the job, and its application on a cluster."""
        abandon_group(place)
        with contextlib.suppress(FileNotFoundError, ValueError, KeyError, WindlassError):
            end_application(_options(Job.read(place)), place.log)


@dataclass(slots=True)
class _Deadline:
    """Whether it was the time that has asked to end."""

    passed: bool = False


@contextlib.contextmanager
def _deadline(assignment: Assignment, seconds: float | None) -> Iterator[_Deadline]:
    """While the block lasts, ask it to end after so many seconds."""
    deadline = _Deadline()
    if seconds is None:
        yield deadline
        return

    def pass_() -> None:
        if not assignment.cancellation.requested:
            deadline.passed = assignment.cancellation.requested = True

    timer = threading.Timer(seconds, pass_)
    timer.daemon = True
    timer.start()
    try:
        yield deadline
    finally:
        timer.cancel()
        if deadline.passed:
            # The end is to be recorded with all patience, as nobody waits.
            assignment.cancellation.requested = False


def _interpreters(options: SparkOptions) -> dict[str, str]:
    """The Python that this program runs with, unless a variable names another one; nodes have their own."""
    found = {} if options.on_cluster else {"PYSPARK_DRIVER_PYTHON": sys.executable}
    if not options.master or options.master.startswith("local"):
        found["PYSPARK_PYTHON"] = sys.executable
    return found


def _options(job: Job) -> SparkOptions:
    return SparkOptions.parse({name: value for name, value in job.config.items() if name != "grace"})
