"""MovedProject: the command of a project whose files are sent elsewhere in a package."""

from __future__ import annotations

from pathlib import Path

from windlass.entities import Project

_FILES = ".windlass-files"


class MovedProject:
    """A project's command and files, where `marker` stands for the directory of the unpacked package.

    The package has the project's directory below its name, and beside it what was fetched for parameters. Files that
    are in neither are named as they were.
    """

    def __init__(self, project: Project, marker: str) -> None:
        self._project = project
        # The longest first: one path may be the beginning of another.
        places = {str(path): f"{marker}/{place}" for path in project.paths if (place := _place(path, project))}
        self._places = dict(sorted(places.items(), key=lambda one: -len(one[0])))

    def arguments(self) -> tuple[str, ...]:
        """The command."""
        return tuple(map(self._moved, self._project.command))

    def variables(self) -> dict[str, str]:
        """The command's variables."""
        return {name: self._moved(value) for name, value in self._project.variables.items()}

    def files(self) -> dict[str, str]:
        """What was fetched for parameters, by the directory of the package that it goes to."""
        project, kept = self._project, {}
        for path in project.paths:
            if project.fetched is not None and path.is_relative_to(project.fetched) and not _is_inside(path, project):
                top = path.relative_to(project.fetched).parts[0]
                kept[f"{_FILES}/{top}"] = str(project.fetched / top)
        return kept

    def _moved(self, text: str) -> str:
        for path, place in self._places.items():
            text = text.replace(path, place)
        return text


def _place(path: Path, project: Project) -> str | None:
    """Where in the package a file of the project is, or one that was fetched for it; None for files that stay here."""
    if _is_inside(path, project):
        return f"{project.directory.name or 'project'}/{path.resolve().relative_to(project.directory.resolve())}"
    if project.fetched is not None and path.is_relative_to(project.fetched):
        return f"{_FILES}/{path.relative_to(project.fetched)}"
    return None


def _is_inside(path: Path, project: Project) -> bool:
    return path.resolve().is_relative_to(project.directory.resolve())
