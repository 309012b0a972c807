"""RayWork: what the supervisor on this machine does for a project on a cluster."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import time
from pathlib import Path

from windlass.config import Settings
from windlass.errors import NotFound, Unavailable, WindlassError
from windlass.services.supervision.cancellation import Cancelled
from windlass.services.supervision.place import JobPlace
from windlass.services.supervision.work import ProjectWork
from windlass_ray.dashboard import Dashboard
from windlass_ray.jobs.cluster_job import ClusterJob, JobState
from windlass_ray.jobs.environment import runtime_environment
from windlass_ray.jobs.log_reader import LogReader
from windlass_ray.jobs.options import JobOptions
from windlass_ray.jobs.supervisor import STOPPING
from windlass_ray.jobs.task import FILE, Task
from windlass_ray.package import packed

_NOTE = "ray.json"
_ENTRYPOINT = "python -m windlass_ray.jobs.supervisor"
_PAUSE = 1.0
_OUT_OF_REACH = 600.0
_HINT = "keep data where the cluster can read it, and name it by URI"


class RayWork(ProjectWork):
    """Sends a project to a cluster, shows what it prints, and sees how it ends."""

    def run(self) -> bool:
        """Run the project as a job of the cluster."""
        settings, given = Settings.load(), self._assignment.job.config
        options = JobOptions.parse(given, settings)
        dashboard = Dashboard.open(options.address, settings)
        job = ClusterJob(dashboard, f"windlass-{self._assignment.job.run_id}-{secrets.token_hex(3)}")
        self._submit(job, options)
        log = LogReader(job, self._show)
        try:
            state = self._ended(job, log)
        except Cancelled:
            self._cancel(job)
            raise
        finally:
            # It is no reason to call the job something else that its last lines are lost.
            with contextlib.suppress(WindlassError):
                log.finish()
        return self._judge(state)

    @classmethod
    def abandon(cls, place: JobPlace) -> None:
        """Have the cluster end the job, whose own supervisor records that; a cluster out of reach is left alone."""
        with contextlib.suppress(FileNotFoundError, ValueError, WindlassError):
            note = json.loads((place.directory / _NOTE).read_text(encoding="utf-8"))
            ClusterJob(Dashboard.open(note["address"], Settings.load()), note["job"]).stop()

    def _submit(self, job: ClusterJob, options: JobOptions) -> None:
        own = self._assignment.job
        directory = Path(own.directory)
        name = directory.name or "project"
        prepared = runtime_environment(own.environment, directory)
        files = {name: directory} | {one: Path(path) for one, path in own.config["files"].items()}
        with packed(files, texts={FILE: self._task(name, options).text()}, hint=_HINT, what="project") as package:
            self._assignment.cancellation.check()
            self._assignment.say(f"sending {package.size / 1024:.0f} KiB to {options.address}")
            package.upload(job.dashboard)
            self._assignment.cancellation.check()
            note = json.dumps({"address": options.address, "job": job.name})
            (self._assignment.place.directory / _NOTE).write_text(note, encoding="utf-8")
            job.submit(
                _ENTRYPOINT,
                # What a command prints is shown at once; Ray would kill a job three seconds after asking it to end.
                runtime_env={
                    **prepared,
                    "working_dir": package.uri,
                    "env_vars": {"RAY_JOB_STOP_WAIT_TIME_S": str(int(own.grace) + STOPPING), "PYTHONUNBUFFERED": "1"},
                },
                metadata={"windlass_run_id": own.run_id},
                **options.reserved(),
            )
        self._assignment.say(f"submitted as {job.name}")

    def _task(self, directory: str, options: JobOptions) -> Task:
        own = self._assignment.job
        handed_on = {name: os.environ[name] for name in options.variables if name in os.environ}
        return Task(
            run_id=own.run_id,
            tracking_uri=own.tracking_uri,
            directory=directory,
            command=own.command,
            variables={**handed_on, **own.variables},
            marker=str(own.config["marker"]),
            grace=own.grace,
            python=None if own.environment.manager == "local" else own.environment.python,
        )

    def _ended(self, job: ClusterJob, log: LogReader) -> JobState:
        """Wait for the end; a cluster that is out of reach for ten minutes counts as gone."""
        seen, waiting = time.monotonic(), ""
        while True:
            try:
                state = job.state()
                log.look()
            except NotFound:
                return JobState("FAILED", "the cluster knows the job no more")
            except Unavailable as error:
                if time.monotonic() - seen > _OUT_OF_REACH:
                    return JobState("FAILED", error.message)
            else:
                seen = time.monotonic()
                if state.has_ended:
                    return state
                if state.status == "PENDING" and state.message != waiting:
                    waiting = state.message
                    self._assignment.say(waiting)
            self._assignment.cancellation.sleep(_PAUSE)

    def _cancel(self, job: ClusterJob) -> None:
        try:
            job.stop_and_wait(self._assignment.job.grace + STOPPING + 10.0)
        except WindlassError as error:
            self._assignment.say(str(error))

    def _judge(self, state: JobState) -> bool:
        if state.status == "STOPPED":
            # Somebody else has cancelled it, such as `ray job stop`.
            raise Cancelled
        if state.status != "SUCCEEDED" and not state.message.startswith("Job entrypoint command failed"):
            self._assignment.say(f"the job failed: {state.message}")
        return state.status == "SUCCEEDED"

    def _show(self, text: str) -> None:
        with contextlib.suppress(OSError):
            self._assignment.output.write(text.encode("utf-8", "replace"))
