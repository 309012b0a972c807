"""Projects: running them, and recording how they end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from windlass.config import Settings
from windlass.entities import LifecycleStage, Project, ProjectRun, Run, RunStatus
from windlass.errors import Conflict, Unsupported
from windlass.interfaces import ProjectBackend, ProjectHandle
from windlass.plugins import Kind, PluginManager
from windlass.services.runs import PARENT_TAG, RunService
from windlass.uri import Uri

DEFAULT_BACKEND = "local"
CONTAINER_BACKEND = "docker"
_IN_MEMORY = ("://", ":memory:")


class SubmittedProject:
    """A project that runs, or has run, as the run `run_id`."""

    def __init__(self, service: ProjectService, run_id: str, handle: ProjectHandle) -> None:
        self.run_id = run_id
        self._service = service
        self._handle = handle

    def wait(self) -> bool:
        """Wait for the end and say whether the project succeeded; ctrl-C cancels it."""
        try:
            status = self._handle.wait()
        except KeyboardInterrupt:
            self.cancel()
            raise
        self._service.end(self.run_id, status)
        return status == RunStatus.FINISHED

    def get_status(self) -> str:
        """RUNNING, or how the project ended."""
        return self._handle.status()

    def cancel(self) -> None:
        """End the project with all its processes; nothing happens if it has ended."""
        self._handle.cancel()
        self._service.end(self.run_id, self._handle.wait())

    def logs(self) -> Iterator[str]:
        """What the project prints, piece by piece, until it has ended."""
        return self._handle.logs()


class ProjectService:
    """Runs of projects in one tracking store."""

    def __init__(self, *, settings: Settings, plugins: PluginManager, runs: RunService) -> None:
        self._settings = settings
        self._plugins = plugins
        self._runs = runs

    def backend(self, name: str) -> ProjectBackend:
        """The backend of this name; PluginError if there is none."""
        opened: ProjectBackend = self._plugins.load(Kind.PROJECT_BACKEND, name).open(self._settings)
        return opened

    def check(self, project: Project, *, backend: str, config: Mapping[str, Any]) -> None:
        """Refuse what `submit` would refuse."""
        self.backend(_backend_for(project, backend)).check(project, config)

    def submit(
        self,
        project: Project,
        *,
        experiment_id: str,
        backend: str = DEFAULT_BACKEND,
        config: Mapping[str, Any] | None = None,
        run_id: str | None = None,
        run_name: str | None = None,
        tags: Mapping[str, str] | None = None,
        parent_run_id: str | None = None,
        recording: Callable[[str], None] | None = None,
    ) -> SubmittedProject:
        """Start a project as a new run, or as the one of `run_id`; the run ends with it, or with a failure to start.

        A project that declares a container and is to run on this machine goes to the backend for containers.
        `recording` is called with the id of the run before anything of the project is started.
        """
        backend = _backend_for(project, backend)
        place, tracking_uri = self.backend(backend), self._tracking_uri()
        place.check(project, config or {})
        described = _tags(project, backend, tags or {}) | ({PARENT_TAG: parent_run_id} if parent_run_id else {})
        run = self._begin(experiment_id, run_id, run_name, described)
        with self.failing(run.info.run_id):
            self._runs.log(run.info.run_id, params=project.parameters)
            if recording is not None:
                recording(run.info.run_id)
            handle = place.submit(
                ProjectRun(
                    project=project,
                    run_id=run.info.run_id,
                    experiment_id=run.info.experiment_id,
                    tracking_uri=tracking_uri,
                    config=config or {},
                )
            )
        return SubmittedProject(self, run.info.run_id, handle)

    @contextmanager
    def failing(self, run_id: str | None) -> Iterator[None]:
        """Record the run as FAILED if the block raises, as KILLED if it is interrupted; one that has ended stays so."""
        open_run = run_id is not None and not RunStatus.is_terminated(self._runs.get(run_id).info.status)
        try:
            yield
        except BaseException as error:
            if run_id is not None and open_run:
                self.end(run_id, RunStatus.KILLED if isinstance(error, KeyboardInterrupt) else RunStatus.FAILED)
            raise

    def end(self, run_id: str, status: str) -> None:
        """Record how a project ended. A failure counts for more than what the project itself has said of its run."""
        present = self._runs.get(run_id).info.status
        if present == status or (RunStatus.is_terminated(present) and status == RunStatus.FINISHED):
            return
        self._runs.finish(run_id, status)

    def _begin(self, experiment_id: str, run_id: str | None, run_name: str | None, tags: Mapping[str, str]) -> Run:
        if run_id is None:
            return self._runs.create(experiment_id, run_name=run_name, user_id=tags.get("mlflow.user"), tags=tags)
        if self._runs.get(run_id).info.lifecycle_stage != LifecycleStage.ACTIVE:
            raise Conflict(f"run {run_id} is deleted", hint="restore it first, or let a new run be made")
        with self.failing(run_id):
            self._runs.log(run_id, tags=tags)
            return self._runs.update(run_id, status=RunStatus.RUNNING, run_name=run_name)

    def _tracking_uri(self) -> str:
        """The URI of the store as other processes, in other directories, must be told."""
        text = self._settings.tracking_uri or self._settings.default_tracking_uri
        uri = Uri.parse(text)
        if uri.scheme == "memory" or text.endswith(_IN_MEMORY):
            raise Unsupported(
                "a project is a process of its own and cannot reach the memory of this one",
                hint="name another tracking store, such as sqlite:///windlass.db",
            )
        if uri.scheme == "sqlite":
            head, _, path = text.partition(":///")
            return f"{head}:///{Path(path).absolute()}"
        return text


def _backend_for(project: Project, backend: str) -> str:
    return CONTAINER_BACKEND if backend == DEFAULT_BACKEND and project.environment.image is not None else backend


def _tags(project: Project, backend: str, given: Mapping[str, str]) -> dict[str, str]:
    """What MLflow's clients look for on the run of a project; it comes from there, whoever starts it."""
    source, manager = project.source, project.environment.manager
    known = {
        "mlflow.source.name": source.uri,
        "mlflow.source.type": "PROJECT",
        "mlflow.source.git.commit": source.commit,
        "mlflow.source.git.repoURL": source.repository_url,
        "mlflow.gitRepoURL": source.repository_url,
        "mlflow.source.git.branch": source.branch,
        "mlflow.gitBranch": source.branch,
        "mlflow.project.entryPoint": project.entry_point,
        "mlflow.project.backend": backend,
        "mlflow.project.env": None if manager == "local" else manager,
    }
    others = {key: value for key, value in given.items() if not key.startswith("mlflow.source.")}
    return others | {key: value for key, value in known.items() if value}
