"""The files of one run: storing what is there, what a function makes, and what a stream gives."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from windlass.errors import NotFound
from windlass.services.artifacts import check_path
from windlass.services.transfers import Progress
from windlass.services.workspace import Workspace

_CHUNK = 1 << 20


class RunArtifacts:
    """The files of one run."""

    def __init__(self, workspace: Workspace, run_id: str) -> None:
        self._workspace = workspace
        self._run_id = run_id

    @property
    def root(self) -> str:
        """Where the run's files are."""
        return self._workspace.runs.get(self._run_id).info.artifact_uri

    def log_file(
        self, local_path: str | Path, artifact_path: str | None = None, *, progress: Progress | None = None
    ) -> None:
        """Store a local file under its own name in a directory of the run; a directory goes there with its name."""
        local = Path(local_path)
        if not local.exists():
            raise NotFound(f"there is no file {str(local)!r}")
        path = _below(artifact_path, local.absolute().name)
        self._workspace.artifacts.upload(self.root, local, path, progress=progress)

    def log_directory(
        self, local_dir: str | Path, artifact_path: str | None = None, *, progress: Progress | None = None
    ) -> None:
        """Store what is in a local directory."""
        local = Path(local_dir)
        if not local.is_dir():
            raise NotFound(f"there is no directory {str(local)!r}")
        self._workspace.artifacts.upload(self.root, local, artifact_path or "", progress=progress)

    def log_made(self, artifact_file: str, write: Callable[[Path], None]) -> None:
        """Store the file that `write` makes under the given path."""
        path = check_path(artifact_file, empty=False)
        with tempfile.TemporaryDirectory(prefix="windlass-") as directory:
            local = Path(directory) / path.rpartition("/")[2]
            write(local)
            self._workspace.artifacts.upload(self.root, local, path)

    def log_stream(self, stream: BinaryIO, artifact_file: str) -> None:
        """Store what a binary stream gives."""
        self.log_made(artifact_file, lambda path: _copy(stream, path))

    @contextmanager
    def fetched_or_none(self, path: str) -> Iterator[Path | None]:
        """A local copy of a file for the time of the block, None if the run has none."""
        with tempfile.TemporaryDirectory(prefix="windlass-") as directory:
            try:
                yield self._workspace.artifacts.download_path(self.root, path, Path(directory))
            except NotFound:
                yield None


def _below(directory: str | None, name: str) -> str:
    return f"{check_path(directory)}/{name}" if directory else name


def _copy(stream: BinaryIO, path: Path) -> None:
    with path.open("wb") as file:
        while chunk := stream.read(_CHUNK):
            file.write(chunk)
