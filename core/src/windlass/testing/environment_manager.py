"""EnvironmentManagerSuite: the definition of an environment manager, as tests."""

from __future__ import annotations

import json
import os
import subprocess
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from windlass.entities import ProjectEnvironment
from windlass.errors import BuildFailed
from windlass.interfaces import BuildSite, EnvironmentManager

_PATIENCE = 300.0
_TELL = "import json, sys, tiny; print(json.dumps([tiny.VALUE, sys.prefix, sys.argv[1:]]))"
WHEEL = "tiny-1.0-py3-none-any.whl"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentCase:
    """A manager that needs no network for what the suite installs, and an empty directory for files.

    `variables` are for its program, `fields` for every environment that it is asked for.
    """

    manager: EnvironmentManager
    name: str
    directory: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def project(self) -> Path:
        """The project's directory, with a package to install."""
        project = self.directory / "a project"
        (project / "wheels").mkdir(parents=True, exist_ok=True)
        write_wheel(project / "wheels" / WHEEL)
        return project

    def wanted(self, *requirements: str) -> ProjectEnvironment:
        """An environment with requirements."""
        return ProjectEnvironment(manager=self.name, requirements=requirements, **self.fields)

    def site(self) -> BuildSite:
        """A place to build in."""
        scratch = self.directory / "scratch"
        scratch.mkdir(exist_ok=True)
        return BuildSite(
            place=self.directory / "environments" / "one",
            project=self.project,
            scratch=scratch,
            run_command=run_command,
            variables={**os.environ, **self.variables},
        )

    def run(self, place: Path, *command: str) -> str:
        """What a command prints in the environment."""
        activation = self.manager.activation(place)
        kept = {name: value for name, value in os.environ.items() if name not in activation.without}
        path = os.pathsep.join([*map(str, activation.programs), os.environ.get("PATH", "")])
        done = subprocess.run(  # noqa: S603  what the suite says
            [*activation.prefix, *command],
            env={**kept, **activation.variables, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


class EnvironmentManagerSuite:
    """Subclass it, name the subclass `Test…` and override the fixture `case`."""

    @pytest.fixture
    def case(self) -> EnvironmentCase:
        """A manager with an empty directory."""
        raise NotImplementedError

    def test_what_is_required_is_there_and_arguments_arrive_as_they_are(self, case: EnvironmentCase) -> None:
        site = case.site()
        wanted = case.wanted(f"./wheels/{WHEEL}")
        case.manager.check(wanted)
        case.manager.build(wanted, site)
        hard = ["; rm -rf /", "$(touch x) `touch y`", "a 'b\" c", "", "ünïcödé\nline", "*"]
        value, prefix, arguments = json.loads(case.run(site.place, "python", "-c", _TELL, *hard))
        assert (value, arguments) == ("one", hard)
        assert Path(prefix).resolve() == site.place.resolve()

    def test_a_file_of_requirements_is_relative_to_the_project(self, case: EnvironmentCase) -> None:
        site = case.site()
        (site.project / "all.txt").write_text(f"./wheels/{WHEEL}\n", encoding="utf-8")
        case.manager.build(case.wanted("-r all.txt"), site)
        assert "one" in case.run(site.place, "python", "-c", _TELL)

    def test_what_cannot_be_installed_is_an_error(self, case: EnvironmentCase) -> None:
        with pytest.raises(BuildFailed, match="could not be built"):
            case.manager.build(case.wanted("./wheels/absent-1.0-py3-none-any.whl"), case.site())

    def test_a_cancellation_ends_the_build(self, case: EnvironmentCase) -> None:
        class Stopped(Exception):
            pass

        def stop(*_arguments: Any, **_options: Any) -> int:
            raise Stopped

        site = case.site()
        cancelled = BuildSite(
            place=site.place, project=site.project, scratch=site.scratch, run_command=stop, variables=site.variables
        )
        with pytest.raises(Stopped):
            case.manager.build(case.wanted(f"./wheels/{WHEEL}"), cancelled)

    def test_an_identity_is_always_the_same(self, case: EnvironmentCase) -> None:
        wanted = case.wanted()
        assert list(case.manager.identity(wanted)) == list(case.manager.identity(wanted))
        assert all(isinstance(one, str) for one in case.manager.identity(wanted))


def run_command(command: Sequence[str], *, directory: Path, variables: Mapping[str, str]) -> int:
    """Run a command of an installer and return its exit code; what it prints is shown if the test fails."""
    done = subprocess.run(  # noqa: S603  what the manager says
        list(command), cwd=directory, env=dict(variables), check=False, timeout=_PATIENCE
    )
    return done.returncode


def write_wheel(file: Path, value: str = "one") -> None:
    """Write a package without a build, so that nothing has to be downloaded."""
    info = "tiny-1.0.dist-info/"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("tiny.py", f"VALUE = {value!r}\n")
        archive.writestr(f"{info}METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        archive.writestr(f"{info}WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}RECORD", "")
