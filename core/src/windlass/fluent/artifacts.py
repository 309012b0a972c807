"""Logging files to a run, and reading them back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

from windlass.errors import InvalidValue
from windlass.fluent import render
from windlass.fluent.runs import log_target
from windlass.fluent.tables import append_table, load_table_of
from windlass.services.artifacts import check_path
from windlass.services.identity import now_ms
from windlass.services.run_artifacts import RunArtifacts
from windlass.uri import join


def run_artifacts(run_id: str | None = None) -> RunArtifacts:
    """The files of a run, of the active one if none is named."""
    target = log_target(run_id)
    return RunArtifacts(target.workspace, target.run_id)


def log_artifact(local_path: str | Path, artifact_path: str | None = None, run_id: str | None = None) -> None:
    """Store a local file, or a directory, in the directory `artifact_path` of the run."""
    run_artifacts(run_id).log_file(local_path, artifact_path)


def log_artifacts(local_dir: str | Path, artifact_path: str | None = None, run_id: str | None = None) -> None:
    """Store what is in a local directory in the directory `artifact_path` of the run."""
    run_artifacts(run_id).log_directory(local_dir, artifact_path)


def log_text(text: str, artifact_file: str, run_id: str | None = None) -> None:
    """Store a text as a file."""
    run_artifacts(run_id).log_made(artifact_file, lambda path: render.write_text(text, path))


def log_dict(dictionary: Any, artifact_file: str, run_id: str | None = None) -> None:
    """Store a dictionary or list as JSON, or as YAML if the name ends so."""
    run_artifacts(run_id).log_made(artifact_file, lambda path: render.write_dict(dictionary, path))


def log_figure(figure: Any, artifact_file: str, *, save_kwargs: dict[str, Any] | None = None) -> None:
    """Store a matplotlib or plotly figure in the format of the file's suffix."""
    run_artifacts().log_made(artifact_file, lambda path: render.write_figure(figure, path, save_kwargs))


def log_image(
    image: Any,
    artifact_file: str | None = None,
    key: str | None = None,
    step: int | None = None,
    timestamp: int | None = None,
    synchronous: bool | None = None,  # noqa: FBT001  the signature that scripts know
) -> None:
    """Store a picture as a file, or under a key as one of a series of steps below `images/`."""
    del synchronous
    run_artifacts().log_made(
        image_file(artifact_file, key, step, timestamp), lambda path: render.write_image(image, path)
    )


def log_table(data: Any, artifact_file: str, run_id: str | None = None) -> None:
    """Append rows to a table that is kept as JSON or Parquet."""
    append_table(run_artifacts(run_id), data, artifact_file)


def log_stream(stream: BinaryIO, artifact_file: str, run_id: str | None = None) -> None:
    """Store what a binary stream gives."""
    run_artifacts(run_id).log_stream(stream, artifact_file)


def load_table(
    artifact_file: str, run_ids: Sequence[str] | None = None, extra_columns: Sequence[str] | None = None
) -> Any:
    """The rows of one table over several runs, of the current experiment's if none are named.

    `extra_columns` adds facts about the run: `run_id` and other fields of its info, its params, metrics or tags.
    """
    return load_table_of(artifact_file, run_ids, extra_columns or ())


def get_artifact_uri(artifact_path: str | None = None) -> str:
    """Where the active run keeps its files, or one of them."""
    return join(run_artifacts().root, check_path(artifact_path or ""))


def image_file(artifact_file: str | None, key: str | None, step: int | None, timestamp: int | None) -> str:
    """The path of a picture: given, or made from a key, a step and a time."""
    if (artifact_file is None) == (key is None):
        raise InvalidValue("image", (artifact_file, key), "needs either artifact_file or key")
    if artifact_file is not None:
        return artifact_file
    safe = str(key).replace("/", "#")
    return f"images/{safe}%step%{step or 0}%timestamp%{now_ms() if timestamp is None else timestamp}.png"
