"""Installing with pip what a project requires, in an environment that has a Python and pip."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from windlass.entities import ProjectEnvironment
from windlass.interfaces import BuildSite
from windlass_projects.declaration import read_toml
from windlass_projects.environments.requirement_lines import requirement_arguments
from windlass_projects.environments.uv_program import uv_program
from windlass_projects.local.contents import is_installable


def needs_pip(wanted: ProjectEnvironment) -> bool:
    """Whether there is anything for pip to install."""
    return bool(wanted.build_requirements or wanted.requirements or wanted.pyproject)


def install_with_pip(python: Path, wanted: ProjectEnvironment, site: BuildSite) -> None:
    """Install what is wanted; the versions of a uv.lock are kept."""
    pip = _Pip(python, site)
    if wanted.build_requirements:
        pip.install_lines(wanted.build_requirements)
    if wanted.lock:
        pip.install_lock()
    elif wanted.pyproject:
        pip.install_project()
    if wanted.requirements:
        pip.install_lines(wanted.requirements)


class _Pip:
    """The pip of one environment."""

    def __init__(self, python: Path, site: BuildSite) -> None:
        self._python = python
        self._site = site

    def install_lines(self, lines: Sequence[str]) -> None:
        self._install(*requirement_arguments(lines, self._site.project, self._site.scratch))

    def install_project(self) -> None:
        if is_installable(self._site.project):
            self._install(".")
            return
        table = read_toml(self._site.project / "pyproject.toml").get("project", {})
        if lines := [str(one) for one in table.get("dependencies", ())]:
            self.install_lines(lines)

    def install_lock(self) -> None:
        file = self._site.scratch / "locked.txt"
        exact = ("export", "--quiet", "--frozen", "--no-dev", "--no-emit-project", "--no-hashes", "--no-editable")
        self._site.run(uv_program(), *exact, "--output-file", str(file))
        self._install("--no-deps", "-r", str(file))
        if is_installable(self._site.project):
            self._install("--no-deps", ".")

    def _install(self, *arguments: str) -> None:
        # Isolated: it runs in the project's directory, whose modules are not pip's.
        options = ("install", "--no-input", "--disable-pip-version-check")
        self._site.run(str(self._python), "-I", "-m", "pip", *options, *arguments)
