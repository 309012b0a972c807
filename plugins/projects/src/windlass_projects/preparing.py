"""Preparing: from what a user asks for to a project that a backend can run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from windlass.entities import Project
from windlass.errors import NotFound
from windlass.services.workspace import Workspace
from windlass.uri import Uri
from windlass_projects.command import Command
from windlass_projects.declaration import Declaration
from windlass_projects.entry_point import EntryPoint
from windlass_projects.environment import check_manager, environment_of
from windlass_projects.fetching import Scratch, fetch


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a user asks to be run; `storage` is where files that parameters name are fetched to."""

    uri: str
    entry_point: str = "main"
    version: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    manager: str | None = None
    storage: Path | None = None


def prepare(wanted: Wanted, workspace: Workspace, scratch: Scratch) -> Project:
    """Fetch the project and read it; every mistake in what is asked for is found here."""
    check_manager(workspace.plugins, wanted.manager)
    fetched = fetch(wanted.uri, wanted.version, scratch)
    declared = Declaration.read(fetched.directory)
    entry = declared.entry_point(wanted.entry_point)
    values = entry.values(wanted.parameters)
    environment = environment_of(declared, wanted.manager)
    files = _Files(fetched.directory, workspace, wanted.storage, scratch)
    placed = files.in_place(entry, values)
    command = Command.build(entry, placed)
    return Project(
        source=fetched.source,
        directory=fetched.directory,
        entry_point=entry.name,
        command=command.arguments,
        environment=environment,
        variables=command.variables,
        parameters=values,
        paths=tuple(Path(placed[name]) for name, one in entry.parameters.items() if one.type == "path"),
        fetched=scratch.path,
    )


@dataclass(frozen=True, slots=True)
class _Files:
    """Brings files that parameters of type `path` name to where the command can read them."""

    directory: Path
    workspace: Workspace
    storage: Path | None
    scratch: Scratch

    def in_place(self, entry: EntryPoint, values: Mapping[str, str]) -> dict[str, str]:
        """The values with absolute paths for files, which are fetched where they are elsewhere."""
        kinds = {name: one.type for name, one in entry.parameters.items()}
        return {name: self._path(name, value) if kinds.get(name) == "path" else value for name, value in values.items()}

    def _path(self, name: str, value: str) -> str:
        if value and Uri.parse(value).scheme != "file":
            # One directory a parameter: files of the same name would meet.
            place = self.scratch.directory(f"parameter-{name}") if self.storage is None else self.storage / name
            place.mkdir(parents=True, exist_ok=True)
            return str(self.workspace.artifacts.download(value, place).absolute())
        path = self.directory / (Uri.parse(value).local_path() if value else "")
        if not path.exists():
            here = Path(value).absolute()
            hint = f"paths are relative to the project; -P {name}={here} names the one here" if here.exists() else None
            raise NotFound(f"parameter {name}: there is no {str(path)!r}", hint=hint)
        return str(path.absolute())
