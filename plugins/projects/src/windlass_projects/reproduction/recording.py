"""Recording: keeping with a run, before it starts, what it takes to run it again."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from windlass.errors import WindlassError
from windlass.services.run_artifacts import RunArtifacts
from windlass.services.workspace import Workspace
from windlass_projects import git
from windlass_projects.data_files import DataFiles
from windlass_projects.digests import digest_of, is_nobodys
from windlass_projects.preparing import OpenProject
from windlass_projects.reproduction.changes import Changes, within_bounds
from windlass_projects.reproduction.record import FILES_FILE, PATCH_FILE, RECORD_FILE, Input, Record
from windlass_projects.source_files import SourceFiles

UNRECORDED_TAG = "windlass.project.unrecorded"
"""Why a run has no record, or what is not in it."""
_MAX_TOLD = 5_000


def record(workspace: Workspace, run_id: str, opened: OpenProject, *, files: Mapping[str, Path], backend: str) -> None:
    """Keep the record with the run. What cannot be recorded is said on the run, and does not keep it from starting."""
    try:
        data = DataFiles.of(opened.entry, opened.fetched.directory, workspace.settings)
        missing = _Recording(RunArtifacts(workspace, run_id), opened, files, data, backend).keep()
    except (WindlassError, OSError, ValueError) as error:
        missing = (f"there is no record: {error}",)
    if missing:
        workspace.runs.log(run_id, tags={UNRECORDED_TAG: "\n".join(missing)[:_MAX_TOLD]})


class _Recording:
    """One run's record in the making."""

    def __init__(
        self, artifacts: RunArtifacts, opened: OpenProject, files: Mapping[str, Path], data: DataFiles, backend: str
    ) -> None:
        self._artifacts = artifacts
        self._opened = opened
        self._files = files
        self._data = data
        self._backend = backend

    def keep(self) -> tuple[str, ...]:
        """Store it, and return what is missing in it."""
        opened, source = self._opened, self._opened.fetched.source
        directory = opened.fetched.directory.resolve()
        root = git.root_of(directory).resolve() if source.commit else directory
        missing = self._changes(root, directory) if source.commit else self._contents(root)
        made = Record(
            source=source,
            directory=str(directory),
            subdirectory=directory.relative_to(root).as_posix(),
            places=_places(root, source.repository_url) if source.commit else (),
            entry_point=opened.entry.name,
            parameters=opened.values,
            manager=opened.environment.manager,
            backend=self._backend,
            has_steps=bool(opened.entry.steps),
            inputs=tuple(self._inputs()),
            missing=missing,
        )
        self._text(RECORD_FILE, made.text)
        return missing

    def _changes(self, root: Path, directory: Path) -> tuple[str, ...]:
        prefix = "" if directory == root else f"{directory.relative_to(root).as_posix()}/"

        def is_data(path: str) -> bool:
            return is_nobodys(path) or (path.startswith(prefix) and self._data.has(path.removeprefix(prefix)))

        changes = Changes.of(root, is_data)
        if changes.patch:
            self._artifacts.log_made(PATCH_FILE, lambda file: _write(file, changes.patch))
        return changes.missing

    def _contents(self, root: Path) -> tuple[str, ...]:
        """All files of a project that is not in git, within the bounds."""
        sizes = {
            file.relative_to(root).as_posix(): file.stat().st_size for file in SourceFiles(root, self._data.has).all()
        }
        chosen, missing = within_bounds(sizes)
        self._artifacts.log_made(FILES_FILE, lambda file: _zip(file, root, chosen))
        return tuple(missing)

    def _inputs(self) -> Iterator[Input]:
        opened = self._opened
        directory = opened.fetched.directory
        for name, path in self._files.items():
            yield Input(name=name, value=opened.values[name], place=str(path), digest=digest_of(path))
        for value in sorted({path for step in opened.entry.steps.values() for path in step.inputs}):
            if "{" not in value and not self._data.has(value) and (path := directory / value).exists():
                yield Input(name=value, value=value, place=str(path.absolute()), digest=digest_of(path))

    def _text(self, path: str, text: str) -> None:
        self._artifacts.log_made(path, lambda file: _write(file, text.encode()))


def _places(root: Path, repository: str | None) -> tuple[str, ...]:
    """Where the commit may be found later, without names and passwords, which git finds by itself."""
    if repository is not None:
        return (_without_credentials(repository),)
    origin = git.origin_of(root)
    return (root.as_uri(), *([_without_credentials(origin)] if origin else []))


def _without_credentials(address: str) -> str:
    return re.sub(r"^(https?://)[^/@]*@", r"\1", address)


def _write(file: Path, data: bytes) -> None:
    file.write_bytes(data)


def _zip(file: Path, root: Path, names: list[str]) -> None:
    # The times of files before 1980 are none that an archive can hold.
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
        for name in names:
            archive.write(root / name, name)
