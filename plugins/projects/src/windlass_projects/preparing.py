"""Preparing: from what a user asks for to a project that a backend can run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from windlass.entities import Project, ProjectEnvironment
from windlass.errors import NotFound
from windlass.plugins import PluginManager
from windlass.services.workspace import Workspace
from windlass.uri import Uri
from windlass_projects.command import Command
from windlass_projects.declaration import Declaration
from windlass_projects.entry_point import EntryPoint
from windlass_projects.environment import check_manager, environment_of
from windlass_projects.fetching import Fetched, Scratch, fetch


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a user asks to be run; `storage` is where files that parameters name are fetched to."""

    uri: str
    entry_point: str = "main"
    version: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    manager: str | None = None
    storage: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenProject:
    """A project on this machine that has been read, with the values of its parameters and its environment."""

    fetched: Fetched
    declared: Declaration
    entry: EntryPoint
    values: Mapping[str, str]
    environment: ProjectEnvironment

    @classmethod
    def of(cls, wanted: Wanted, scratch: Scratch, *, plugins: PluginManager) -> OpenProject:
        """Fetch the project and read it; every mistake in what is asked for is found here."""
        check_manager(plugins, wanted.manager)
        fetched = fetch(wanted.uri, wanted.version, scratch)
        declared = Declaration.read(fetched.directory)
        entry = declared.entry_point(wanted.entry_point)
        values = entry.values(wanted.parameters)
        environment = environment_of(declared, wanted.manager)
        return cls(fetched=fetched, declared=declared, entry=entry, values=values, environment=environment)

    def project(self, files: Mapping[str, Path], scratch: Scratch) -> Project:
        """What a backend runs; `files` are those of parameters, in place."""
        command = Command.build(self.entry, {**self.values, **{name: str(path) for name, path in files.items()}})
        return Project(
            source=self.fetched.source,
            directory=self.fetched.directory,
            entry_point=self.entry.name,
            command=command.arguments,
            environment=self.environment,
            variables=command.variables,
            parameters=self.values,
            paths=tuple(files.values()),
            fetched=scratch.path,
        )


@dataclass(frozen=True, slots=True)
class PathValues:
    """Brings files that parameters of type `path` name to where the command can read them."""

    directory: Path
    workspace: Workspace
    storage: Path | None
    scratch: Scratch

    def files(self, entry: EntryPoint, values: Mapping[str, str], *, only_local: bool = False) -> dict[str, Path]:
        """The absolute path of each parameter that names a file or a directory, fetched if that is elsewhere."""
        kinds = {name: one.type for name, one in entry.parameters.items()}
        named = {name: value for name, value in values.items() if kinds.get(name) == "path"}
        return {name: self._path(name, value) for name, value in named.items() if is_local(value) or not only_local}

    def _path(self, name: str, value: str) -> Path:
        if not is_local(value):
            # One directory a parameter: files of the same name would meet.
            place = self.scratch.directory(f"parameter-{name}") if self.storage is None else self.storage / name
            place.mkdir(parents=True, exist_ok=True)
            return self.workspace.artifacts.download(value, place).absolute()
        path = self.directory / (Uri.parse(value).local_path() if value else "")
        if not path.exists():
            here = Path(value).absolute()
            hint = f"paths are relative to the project; -P {name}={here} names the one here" if here.exists() else None
            raise NotFound(f"parameter {name}: there is no {str(path)!r}", hint=hint)
        return path.absolute()


def is_local(value: str) -> bool:
    """Whether the value of a path is on this machine."""
    return not value or Uri.parse(value).scheme == "file"
