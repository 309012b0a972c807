"""Tables as artifacts: appending rows, and reading one table over several runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from windlass.entities import Run
from windlass.errors import InvalidValue, NotFound
from windlass.fluent import render
from windlass.fluent.frames import import_pandas
from windlass.fluent.runs import search_runs
from windlass.fluent.state import current_workspace
from windlass.services.run_artifacts import RunArtifacts


def append_table(files: RunArtifacts, data: Any, artifact_file: str) -> None:
    """Append rows to a table of a run, which begins with the first ones."""
    with files.fetched_or_none(artifact_file) as before:
        files.log_made(artifact_file, lambda path: render.write_table(data, path, before))


def load_table_of(artifact_file: str, run_ids: Sequence[str] | None, extra_columns: Sequence[str]) -> Any:
    """The rows of the table in these runs, one below the other; NotFound if no run has it."""
    pandas = import_pandas()
    workspace = current_workspace()
    runs = [workspace.runs.get(one) for one in run_ids] if run_ids else search_runs(output_format="list")
    frames = []
    for run in runs:
        with RunArtifacts(workspace, run.info.run_id).fetched_or_none(artifact_file) as path:
            if path is not None:
                frames.append(render.read_table(path).assign(**{name: _fact(run, name) for name in extra_columns}))
    if not frames:
        raise NotFound(f"none of {len(runs)} runs has a table {artifact_file!r}")
    return pandas.concat(frames, ignore_index=True)


def _fact(run: Run, name: str) -> Any:
    for facts in (run.data.params, run.data.metrics, run.data.tags):
        if name in facts:
            return facts[name]
    if hasattr(run.info, name):
        return getattr(run.info, name)
    raise InvalidValue(
        "extra_columns", name, f"is neither a param, a metric, a tag nor a field of run {run.info.run_id}"
    )
