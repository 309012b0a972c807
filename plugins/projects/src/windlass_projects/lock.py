"""EnvironmentLock: what was really installed where a command ran."""

from __future__ import annotations

import platform
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

from windlass.entities import ProjectEnvironment
from windlass.errors import Unavailable
from windlass.uri import Uri
from windlass_projects.environments.uv_program import uv_program

_PATIENCE = 120.0
_PYTHON = "# python "
_TELL = "import platform; print(platform.python_version())"


@dataclass(frozen=True, slots=True)
class EnvironmentLock:
    """The version of Python and the packages, as lines of a requirements file."""

    python: str
    requirements: tuple[str, ...]

    @classmethod
    def of(cls, python: Path) -> EnvironmentLock:
        """What is installed for an interpreter; Unavailable if that cannot be told."""
        frozen = _run([uv_program(), "pip", "freeze", "--quiet", "--python", str(python)])
        return cls(_run([str(python), "-I", "-c", _TELL]).strip(), tuple(sorted(frozen.splitlines())))

    @classmethod
    def parse(cls, text: str) -> EnvironmentLock:
        """What `text` gave."""
        head, *lines = text.splitlines() or [""]
        return cls(head.removeprefix(_PYTHON), tuple(lines))

    @property
    def text(self) -> str:
        """A requirements file that says which Python it is for."""
        return "".join(f"{line}\n" for line in (f"{_PYTHON}{self.python}", *self.requirements))

    def moved(self, former: Path, present: Path) -> EnvironmentLock:
        """The same where the project is in another directory: what is installed from files of it comes from there."""
        return EnvironmentLock(self.python, tuple(_moved(line, former, present) for line in self.requirements))

    def environment(self, declared: ProjectEnvironment, file: Path) -> ProjectEnvironment:
        """An environment with just that in it; `file` is written for it, and must stay until it is built.

        Where the project lists requirements it is these, held to the versions that were installed, so that what they
        say about where packages come from holds as before.
        """
        python = None if self.python == platform.python_version() else self.python
        if declared.requirements and not declared.pyproject:
            pins = [line for line in self.requirements if "==" in line and not line.startswith("-")]
            file.write_text("".join(f"{line}\n" for line in pins), encoding="utf-8")
            return replace(declared, python=python, requirements=(*declared.requirements, f"-c {file}"))
        return ProjectEnvironment(manager="uv", python=python, requirements=self.requirements)

    def anywhere(self, directory: Path) -> EnvironmentLock:
        """The same without saying where the project was."""
        return EnvironmentLock(
            self.python, tuple(one.replace(directory.as_uri(), "file:") for one in self.requirements)
        )

    def difference(self, other: EnvironmentLock) -> list[str]:
        """What is installed in only one of both, as `- line` for this one and `+ line` for the other one."""
        mine, theirs = ({f"python=={one.python}", *one.requirements} for one in (self, other))
        return [f"- {line}" for line in sorted(mine - theirs)] + [f"+ {line}" for line in sorted(theirs - mine)]


def _moved(line: str, former: Path, present: Path) -> str:
    head, mark, rest = line.partition(former.as_uri())
    there = Uri.parse(f"{present.as_uri()}{rest}").local_path() if mark else present
    return f"{head}{present.as_uri()}{rest}" if mark and there.exists() else line


def _run(command: list[str]) -> str:
    try:
        done = subprocess.run(  # noqa: S603  programs that we name
            command, check=True, capture_output=True, text=True, errors="replace", timeout=_PATIENCE
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise Unavailable(f"what is installed for {command[-1]} cannot be told: {error}") from None
    return done.stdout
