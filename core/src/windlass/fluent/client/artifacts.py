"""The client's methods on the files of runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

from windlass.entities import FileInfo
from windlass.fluent import render
from windlass.fluent.artifacts import image_file
from windlass.fluent.client.base import ClientBase
from windlass.fluent.tables import append_table, load_table_of
from windlass.services.run_artifacts import RunArtifacts


class ArtifactMethods(ClientBase):
    """Files by run id."""

    def _files(self, run_id: str) -> RunArtifacts:
        return RunArtifacts(self._workspace, run_id)

    def log_artifact(self, run_id: str, local_path: str | Path, artifact_path: str | None = None) -> None:
        """Store a local file in a directory of the run."""
        self._files(run_id).log_file(local_path, artifact_path)

    def log_artifacts(self, run_id: str, local_dir: str | Path, artifact_path: str | None = None) -> None:
        """Store what is in a local directory."""
        self._files(run_id).log_directory(local_dir, artifact_path)

    def log_text(self, run_id: str, text: str, artifact_file: str) -> None:
        """Store a text as a file."""
        self._files(run_id).log_made(artifact_file, lambda path: render.write_text(text, path))

    def log_dict(self, run_id: str, dictionary: Any, artifact_file: str) -> None:
        """Store a dictionary or list as JSON or YAML."""
        self._files(run_id).log_made(artifact_file, lambda path: render.write_dict(dictionary, path))

    def log_figure(
        self, run_id: str, figure: Any, artifact_file: str, *, save_kwargs: dict[str, Any] | None = None
    ) -> None:
        """Store a matplotlib or plotly figure."""
        self._files(run_id).log_made(artifact_file, lambda path: render.write_figure(figure, path, save_kwargs))

    def log_image(
        self,
        run_id: str,
        image: Any,
        artifact_file: str | None = None,
        key: str | None = None,
        step: int | None = None,
        timestamp: int | None = None,
        synchronous: bool | None = None,  # noqa: FBT001  the signature that scripts know
    ) -> None:
        """Store a picture as a file, or under a key as one of a series."""
        del synchronous
        path = image_file(artifact_file, key, step, timestamp)
        self._files(run_id).log_made(path, lambda local: render.write_image(image, local))

    def log_table(self, run_id: str, data: Any, artifact_file: str) -> None:
        """Append rows to a table."""
        append_table(self._files(run_id), data, artifact_file)

    def log_stream(self, run_id: str, stream: BinaryIO, artifact_file: str) -> None:
        """Store what a binary stream gives."""
        self._files(run_id).log_stream(stream, artifact_file)

    def load_table(
        self,
        experiment_id: str,
        artifact_file: str,
        run_ids: Sequence[str] | None = None,
        extra_columns: Sequence[str] | None = None,
    ) -> Any:
        """The rows of one table over runs of an experiment."""
        ids = run_ids or [run.info.run_id for run in self._workspace.runs.search([experiment_id])]
        return load_table_of(artifact_file, ids, extra_columns or ())

    def list_artifacts(self, run_id: str, path: str | None = None) -> list[FileInfo]:
        """What is directly inside a directory of the run."""
        return self._workspace.artifacts.list(self._workspace.runs.get(run_id).info.artifact_uri, path or "")

    def download_artifacts(self, run_id: str, path: str, dst_path: str | None = None) -> str:
        """Fetch a file or directory of the run; returns where it is now."""
        root = self._workspace.runs.get(run_id).info.artifact_uri
        destination = Path(dst_path) if dst_path else None
        return str(self._workspace.artifacts.download_path(root, path, destination))
