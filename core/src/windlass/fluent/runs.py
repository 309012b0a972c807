"""Runs, for notebooks: starting, ending, finding them."""

from __future__ import annotations

import atexit
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import Any, Self

from windlass.entities import LifecycleStage, Run, RunEvent, RunInfo, RunStatus, ViewType
from windlass.errors import Conflict, InvalidValue, NotFound
from windlass.fluent.context import context_tags
from windlass.fluent.experiments import current_experiment_id
from windlass.fluent.state import Active, current_settings, current_workspace, thread
from windlass.services.paging import take
from windlass.services.runs import NOTE_TAG, PARENT_TAG
from windlass.services.workspace import Workspace


class ActiveRun(Run):
    """A run that ends with its `with` block: FINISHED, or FAILED when the block raises."""

    __slots__ = ()

    @classmethod
    def of(cls, run: Run) -> ActiveRun:
        """The same run as a context manager."""
        return cls(run.info, run.data, run.inputs, run.outputs)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        killed = kind is not None and issubclass(kind, KeyboardInterrupt)
        status = RunStatus.KILLED if killed else RunStatus.FAILED if kind else RunStatus.FINISHED
        # Runs that the block began and left open end with it.
        while any(active.run_id == self.info.run_id for active in thread().runs):
            end_run(status)


def start_run(
    run_id: str | None = None,
    experiment_id: str | None = None,
    run_name: str | None = None,
    nested: bool = False,  # noqa: FBT001, FBT002  the signature that scripts know
    parent_run_id: str | None = None,
    tags: Mapping[str, Any] | None = None,
    description: str | None = None,
    log_system_metrics: bool | None = None,  # noqa: FBT001  the signature that scripts know
) -> ActiveRun:
    """Begin a run, or resume the one with `run_id`, and make it the active one of this thread.

    Another run may be active only if this one is `nested` in it. `description` becomes the run's note.
    """
    del log_system_metrics
    state = thread()
    if state.runs and not nested:
        raise Conflict(
            f"run {state.run_id} is active already", hint="end_run() it first, or start_run(nested=True) inside of it"
        )
    workspace = current_workspace()
    resumed = run_id or (None if state.runs else current_settings().run_id)
    if resumed:
        run = _resume(workspace, resumed, tags)
    else:
        parent = parent_run_id or state.run_id
        run = _begin(workspace, experiment_id, run_name or current_settings().run_name, parent, tags, description)
    _end_at_exit()
    state.runs.append(Active(run.info.run_id, workspace))
    return ActiveRun.of(run)


def end_run(status: str = RunStatus.FINISHED) -> None:
    """Bring this thread's innermost active run to its end; nothing happens if there is none."""
    state = thread()
    if not state.runs:
        return
    state.last = state.runs.pop()
    state.last.workspace.runs.finish(state.last.run_id, str(status))


def active_run() -> ActiveRun | None:
    """The active run of this thread, as it is now; None if there is none."""
    runs = thread().runs
    return ActiveRun.of(runs[-1].workspace.runs.get(runs[-1].run_id)) if runs else None


def last_active_run() -> Run | None:
    """The active run, or the one that was last; None if there was none in this thread."""
    state = thread()
    last = state.runs[-1] if state.runs else state.last
    return last.workspace.runs.get(last.run_id) if last else None


def log_target(run_id: str | None = None) -> Active:
    """The run to log to: a named one of the current store, or the active one; one is begun if there is none."""
    if run_id is not None:
        return Active(run_id, current_workspace())
    runs = thread().runs
    if not runs:
        start_run()
    return runs[-1]


def get_run(run_id: str) -> Run:
    """The run; NotFound if there is none."""
    return current_workspace().runs.get(run_id)


def get_parent_run(run_id: str) -> Run | None:
    """The run in which this one is nested, None if it is not."""
    parent = get_run(run_id).data.tags.get(PARENT_TAG)
    return get_run(parent) if parent else None


def watch_run(run_id: str) -> Iterator[RunEvent]:
    """What happens to a run from now on until it ends, whoever logs it: first the run as it is, then each event."""
    return current_workspace().runs.follow(run_id)


def delete_run(run_id: str) -> None:
    """Move the run to the bin."""
    current_workspace().runs.delete(run_id)


def restore_run(run_id: str) -> None:
    """Take the run out of the bin."""
    current_workspace().runs.restore(run_id)


def list_run_infos(
    experiment_id: str,
    run_view_type: int = ViewType.ACTIVE_ONLY,
    max_results: int = 1000,
    order_by: Sequence[str] | None = None,
) -> list[RunInfo]:
    """The infos of an experiment's runs."""
    found = current_workspace().runs.search(
        [str(experiment_id)], view=run_view_type, max_results=max_results, order_by=order_by
    )
    return [run.info for run in found]


def search_runs(
    experiment_ids: Sequence[str] | None = None,
    filter_string: str = "",
    run_view_type: int = ViewType.ACTIVE_ONLY,
    max_results: int = 100_000,
    order_by: Sequence[str] | None = None,
    output_format: str = "pandas",
    search_all_experiments: bool = False,  # noqa: FBT001, FBT002  the signature that scripts know
    experiment_names: Sequence[str] | None = None,
    *,
    select: Sequence[str] | None = None,
) -> Any:
    """Runs that match, as a pandas DataFrame or, with `output_format="list"`, as a list of `Run`.

    Without experiments it looks at the current one. The columns are `run_id`, `experiment_id`, `status`,
    `artifact_uri`, `start_time` and `end_time` (UTC), then `metrics.*`, `params.*` and `tags.*`: all of them, or with
    `select` those that it names, such as `["metrics.loss", "params.*"]`.
    """
    if output_format not in {"pandas", "list"}:
        raise InvalidValue("output_format", output_format, "is not known", limit="pandas, list")
    ids = _experiment_ids(experiment_ids, experiment_names, everywhere=search_all_experiments)
    search = partial(
        current_workspace().runs.search,
        ids,
        filter=filter_string,
        view=run_view_type,
        order_by=order_by,
        select=select,
    )
    runs = take(search, max_results)
    if output_format == "list":
        return runs
    from windlass.fluent.frames import runs_frame  # noqa: PLC0415  pandas is heavy, and a list needs none

    return runs_frame(runs)


def _begin(
    workspace: Workspace,
    experiment_id: str | None,
    run_name: str | None,
    parent: str | None,
    tags: Mapping[str, Any] | None,
    description: str | None,
) -> Run:
    found = context_tags(workspace.plugins)
    if parent:
        workspace.runs.get(parent)
        found[PARENT_TAG] = parent
    if description:
        found[NOTE_TAG] = description
    found.update({key: str(value) for key, value in (tags or {}).items()})
    return workspace.runs.create(
        str(experiment_id) if experiment_id is not None else current_experiment_id(),
        run_name=run_name,
        user_id=found.get("mlflow.user"),
        tags=found,
    )


def _resume(workspace: Workspace, run_id: str, tags: Mapping[str, Any] | None) -> Run:
    runs = workspace.runs
    if runs.get(run_id).info.lifecycle_stage != LifecycleStage.ACTIVE:
        raise Conflict(f"run {run_id} is deleted", hint="restore_run() it first")
    if tags:
        runs.log(run_id, tags={key: str(value) for key, value in tags.items()})
    return runs.update(run_id, status=RunStatus.RUNNING)


def _experiment_ids(ids: Sequence[str] | None, names: Sequence[str] | None, *, everywhere: bool) -> list[str]:
    if ids and names:
        raise InvalidValue("experiment_names", names, "cannot be combined with experiment_ids")
    experiments = current_workspace().experiments
    if everywhere:
        return [one.experiment_id for one in take(experiments.search, None)]
    if names:
        return [one.experiment_id for one in map(_by_name_or_none, names) if one is not None]
    return [str(one) for one in ids] if ids else [current_experiment_id()]


def _by_name_or_none(name: str) -> Any:
    try:
        return current_workspace().experiments.get_by_name(name)
    except NotFound:
        return None


_registered: list[bool] = []


def _end_at_exit() -> None:
    if not _registered:
        _registered.append(True)
        atexit.register(_end_all)


def _end_all() -> None:
    while thread().runs:
        end_run()
