"""ProjectBackendSuite: the definition of a project backend, as tests."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import pytest

from windlass.entities import Project, ProjectEnvironment, ProjectRun, ProjectSource, Run, RunStatus
from windlass.errors import InvalidValue
from windlass.interfaces import ProjectBackend
from windlass.services.workspace import Workspace

T = TypeVar("T")
_PATIENCE = 60.0
_TELL = """
import json, os, sys
names = ("RUN_ID", "TRACKING_URI", "EXPERIMENT_ID")
seen = {f"{p}_{n}": os.environ.get(f"{p}_{n}") for p in ("WINDLASS", "MLFLOW") for n in names}
print(json.dumps({"arguments": sys.argv[1:], "directory": os.getcwd(), "own": os.environ.get("OWN"), **seen}))
"""
_STUBBORN = """
import signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(300)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendCase:
    """A backend, and a workspace whose tracking store other processes reach, too.

    `config` holds options that make a cancellation patient for a second at most.
    """

    backend: ProjectBackend
    workspace: Workspace
    directory: Path
    python: str = sys.executable
    manager: str = "local"
    config: dict[str, Any]

    def project(self, code: str, *arguments: str, **fields: Any) -> Project:
        """A project that runs a piece of Python."""
        (self.directory / "code.py").write_text(code, encoding="utf-8")
        return Project(
            source=ProjectSource(uri=str(self.directory)),
            directory=self.directory,
            entry_point="main",
            command=(self.python, "code.py", *arguments),
            environment=ProjectEnvironment(manager=self.manager),
            **fields,
        )

    def run(self, project: Project) -> ProjectRun:
        """A new run for the project."""
        run = self.workspace.runs.create("0")
        settings = self.workspace.settings
        uri = settings.tracking_uri or settings.default_tracking_uri
        return ProjectRun(
            project=project, run_id=run.info.run_id, experiment_id="0", tracking_uri=uri, config=self.config
        )

    def recorded(self, run_id: str) -> Run:
        """The run when it has ended."""
        return eventually(lambda: _ended(self.workspace.runs.get(run_id)))


class ProjectBackendSuite:
    """Subclass it, name the subclass `Test…` and override the fixture `case`."""

    @pytest.fixture
    def case(self) -> BackendCase:
        """A backend with a workspace."""
        raise NotImplementedError

    def test_arguments_arrive_as_they_are_and_the_run_is_named(self, case: BackendCase) -> None:
        hard = ["; rm -rf /", "$(touch x) `touch y`", "a 'b\" c", "", "ünïcödé\nline", "*", "--flag=1"]
        run = case.run(case.project(_TELL, *hard, variables={"OWN": "x; y"}))
        handle = case.backend.submit(run)
        printed = "".join(handle.logs())
        assert handle.wait() == RunStatus.FINISHED, printed
        told = json.loads(next(line for line in printed.splitlines() if line.startswith("{")))
        assert (told["arguments"], told["own"]) == (hard, "x; y")
        assert {told["WINDLASS_RUN_ID"], told["MLFLOW_RUN_ID"]} == {run.run_id}
        assert {told["WINDLASS_TRACKING_URI"], told["MLFLOW_TRACKING_URI"]} == {run.tracking_uri}
        assert {told["WINDLASS_EXPERIMENT_ID"], told["MLFLOW_EXPERIMENT_ID"]} == {"0"}
        assert Path(told["directory"]).name == case.directory.name

    @pytest.mark.parametrize(("code", "status"), [("", "FINISHED"), ("raise SystemExit(3)", "FAILED")])
    def test_the_end_is_recorded_without_anybody_waiting(self, case: BackendCase, code: str, status: str) -> None:
        run = case.run(case.project(code))
        case.backend.submit(run)
        ended = case.recorded(run.run_id)
        assert (ended.info.status, ended.info.end_time is not None) == (status, True)

    def test_a_command_that_does_not_exist_fails_and_is_named(self, case: BackendCase) -> None:
        run = case.run(replace(case.project(""), command=("no-such-program-anywhere",)))
        handle = case.backend.submit(run)
        assert "no-such-program-anywhere" in "".join(handle.logs())
        assert handle.wait() == RunStatus.FAILED
        assert case.recorded(run.run_id).info.status == RunStatus.FAILED

    def test_what_is_printed_can_be_read_while_it_runs(self, case: BackendCase) -> None:
        code = "import time; print('first', flush=True); time.sleep(300)"
        handle = case.backend.submit(case.run(case.project(code)))
        seen = ""
        for piece in handle.logs():
            seen += piece
            if "first" in seen:
                break
        assert handle.status() == RunStatus.RUNNING
        handle.cancel()

    def test_a_cancellation_ends_what_does_not_want_to(self, case: BackendCase) -> None:
        run = case.run(case.project(_STUBBORN))
        handle = case.backend.submit(run)
        next(piece for piece in handle.logs() if "ready" in piece)
        waiting = threading.Thread(target=handle.wait, daemon=True)
        waiting.start()
        handle.cancel()
        handle.cancel()
        waiting.join(_PATIENCE)
        assert not waiting.is_alive()
        assert handle.status() == handle.wait() == RunStatus.KILLED
        assert case.recorded(run.run_id).info.status == RunStatus.KILLED

    def test_what_was_fetched_is_removed_after_the_end(self, case: BackendCase, tmp_path: Path) -> None:
        fetched = tmp_path / "fetched"
        fetched.mkdir()
        (fetched / "file").write_text("x", encoding="utf-8")
        case.backend.submit(case.run(case.project("", fetched=fetched))).wait()
        assert eventually(lambda: not fetched.exists() or None)

    def test_an_unknown_option_is_refused(self, case: BackendCase) -> None:
        with pytest.raises(InvalidValue, match="no_such_option"):
            case.backend.check(case.project(""), {"no_such_option": "1"})
        case.backend.check(case.project(""), case.config)


def eventually(look: Callable[[], T | None]) -> T:
    """What `look` returns when it is not None; fails after a minute."""
    give_up = time.monotonic() + _PATIENCE
    while (found := look()) is None:
        assert time.monotonic() < give_up, "it did not happen"
        time.sleep(0.05)
    return found


def _ended(run: Run) -> Run | None:
    return run if RunStatus.is_terminated(run.info.status) else None
