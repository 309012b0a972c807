"""`windlass.projects`: running projects from Python."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from windlass.entities import DEFAULT_EXPERIMENT_ID
from windlass.errors import AlreadyExists, InvalidValue, NotFound
from windlass.fluent.context import context_tags
from windlass.fluent.state import chosen, current_workspace, thread
from windlass.services.projects import DEFAULT_BACKEND, SubmittedProject
from windlass.services.workspace import Workspace
from windlass_projects.errors import CannotReproduce, ProjectFailed
from windlass_projects.fetching import Scratch
from windlass_projects.following import follow
from windlass_projects.preparing import OpenProject, Wanted
from windlass_projects.reproduction.again import Again, Reproduction
from windlass_projects.reproduction.comparison import Tolerance
from windlass_projects.submission import Terms, submit

SubmittedRun = SubmittedProject

__all__ = ["CannotReproduce", "ProjectFailed", "Reproduction", "SubmittedRun", "reproduce", "run"]


def run(
    uri: str,
    entry_point: str = "main",
    version: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    *,
    experiment_name: str | None = None,
    experiment_id: str | None = None,
    backend: str = DEFAULT_BACKEND,
    backend_config: Mapping[str, Any] | str | Path | None = None,
    storage_dir: str | Path | None = None,
    synchronous: bool = True,
    run_id: str | None = None,
    run_name: str | None = None,
    env_manager: str | None = None,
    force: bool | Sequence[str] = False,
    docker_args: Mapping[str, Any] | None = None,
    build_image: bool = False,
    skip_image_build: bool = False,
    docker_auth: Mapping[str, str] | None = None,
) -> SubmittedProject:
    """Run an entry point of a project as a run, nested in the active one if there is one.

    Steps of an entry point that have been done already are skipped; `force` runs them all, or those that it names.

    With `synchronous` it shows what the project prints and returns when that has ended, or raises ProjectFailed if it
    did not succeed; ctrl-C cancels it. Without, it returns once the project is started, which ends and is recorded by
    itself. The last four are options for projects in containers: arguments of `docker run`, whether an image is built,
    and what to sign in with where images are fetched.
    """
    of_containers = {
        "docker_args": docker_args,
        "build_image": build_image,
        "skip_image_build": skip_image_build,
        "docker_auth": docker_auth,
    }
    config = {**_config(backend_config), **{name: value for name, value in of_containers.items() if value}}
    workspace = current_workspace()
    scratch = Scratch(workspace.settings.home.absolute())
    wanted = Wanted(
        uri=str(uri),
        entry_point=entry_point,
        version=version,
        parameters={str(key): str(value) for key, value in (parameters or {}).items()},
        manager=env_manager,
        storage=None if storage_dir is None else Path(storage_dir).absolute(),
    )
    try:
        with workspace.projects.failing(run_id):
            terms = Terms(
                experiment_id=_experiment(workspace, experiment_name, experiment_id),
                backend=backend,
                config=config,
                run_id=run_id,
                run_name=run_name,
                tags=context_tags(workspace.plugins),
                parent_run_id=thread().run_id if run_id is None else None,
                force=force,
            )
            opened = OpenProject.of(wanted, scratch, plugins=workspace.plugins)
            submitted = submit(opened, wanted, terms, workspace=workspace, scratch=scratch)
    except BaseException:
        scratch.remove()
        raise
    if synchronous:
        follow(submitted, _show)
    return submitted


def reproduce(
    run_id: str,
    *,
    rtol: float = 1e-9,
    atol: float = 0.0,
    ignore: Collection[str] = (),
    backend_config: Mapping[str, Any] | str | Path | None = None,
    show: Callable[[str], Any] | None = None,
) -> Reproduction:
    """Run a project's run again as it was, and compare the last values of the metrics.

    A value may differ by `atol` plus `rtol` times the original; metrics in `ignore` may differ in any way. What the
    project prints is shown, or given to `show`. CannotReproduce says what is missing to run it at all.
    """
    workspace = current_workspace()
    again = Again(
        workspace=workspace,
        tolerance=Tolerance(_tolerance("rtol", rtol), _tolerance("atol", atol)),
        ignored=frozenset(ignore),
        config=_config(backend_config),
        tags=context_tags(workspace.plugins),
        show=show or _show,
    )
    return again.run(run_id)


def _tolerance(name: str, value: float) -> float:
    if not 0 <= value < math.inf:
        raise InvalidValue(name, value, "must be a number of 0 or more")
    return value


def _show(piece: str) -> None:
    sys.stdout.write(piece)
    sys.stdout.flush()


def _experiment(workspace: Workspace, name: str | None, experiment_id: str | None) -> str:
    """The experiment of an id or a name, which is created if missing; else the current one."""
    if name is not None and experiment_id is not None:
        raise InvalidValue("experiment_name", name, "cannot be combined with experiment_id")
    if experiment_id is not None:
        return workspace.experiments.get(str(experiment_id)).experiment_id
    settings = workspace.settings
    if name is None and chosen().experiment_id is not None:
        return str(chosen().experiment_id)
    wanted = name or settings.experiment_name
    return _named(workspace, wanted) if wanted else settings.experiment_id or DEFAULT_EXPERIMENT_ID


def _named(workspace: Workspace, name: str) -> str:
    try:
        return workspace.experiments.get_by_name(name).experiment_id
    except NotFound:
        pass
    try:
        return workspace.experiments.create(name).experiment_id
    except AlreadyExists:
        return workspace.experiments.get_by_name(name).experiment_id


def _config(given: Mapping[str, Any] | str | Path | None) -> Mapping[str, Any]:
    """The options of a backend: a mapping, JSON, or a file with JSON."""
    if given is None or isinstance(given, Mapping):
        return given or {}
    text = str(given)
    try:
        found = json.loads(text if text.lstrip().startswith("{") else Path(text).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotFound(f"backend config: there is no file {text!r}") from None
    except (ValueError, OSError) as error:
        raise InvalidValue("backend_config", text, f"is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise InvalidValue("backend_config", text, "must be a JSON object")
    return found
