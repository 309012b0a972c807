"""UvEnvironments: virtual environments made by uv, one for each contents, kept for the next run."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uv

from windlass.entities import ProjectEnvironment
from windlass.errors import MissingDependency, WindlassError
from windlass_projects.local.contents import is_installable, key_of, split_option
from windlass_projects.local.process_group import Cancellation, wait_a_moment

_READY = ".windlass-ready"
_OURS = ("VIRTUAL_ENV", "PYTHONHOME", "CONDA_PREFIX", "UV_PROJECT_ENVIRONMENT", "__PYVENV_LAUNCHER__")


class BuildFailed(WindlassError):
    """An environment that could not be built; what uv said of it is in the log."""


@dataclass(frozen=True, slots=True)
class UvEnvironments:
    """The environments below a directory.

    `run` runs a command in a directory with variables and returns its exit code; `say` tells people what happens.
    """

    root: Path
    run: Callable[[list[str], Path, dict[str, str]], int]
    say: Callable[[str], None]
    cancellation: Cancellation

    def prepare(self, wanted: ProjectEnvironment, directory: Path) -> Path:
        """The environment for a project, built if nobody has; BuildFailed if that is impossible."""
        key = key_of(wanted, directory)
        place = self.root / key
        with self._locked(key):
            if (place / _READY).is_file():
                self.say(f"using the environment {key}")
                return place
            self.say(f"building the environment {key}")
            shutil.rmtree(place, ignore_errors=True)
            try:
                self._build(wanted, directory, place)
            except BaseException:
                shutil.rmtree(place, ignore_errors=True)
                raise
            (place / _READY).touch()
        return place

    def _build(self, wanted: ProjectEnvironment, directory: Path, place: Path) -> None:
        self._uv(["venv", "--quiet", "--python", wanted.python or sys.executable, str(place)], directory)
        inside = {"VIRTUAL_ENV": str(place), "UV_PROJECT_ENVIRONMENT": str(place)}
        if wanted.lock:
            # Exactly the lock, and no link to a project that may have been fetched for this run only.
            exact = ["sync", "--frozen", "--no-editable", "--no-dev"]
            self._uv([*exact, "--python", str(place / "bin" / "python")], directory, inside)
            return
        if wanted.build_requirements:
            self._install(list(wanted.build_requirements), directory, inside)
        if wanted.pyproject:
            what = ["."] if is_installable(directory) else ["-r", "pyproject.toml"]
            self._uv(["pip", "install", *what], directory, inside)
        if wanted.requirements:
            self._install(list(wanted.requirements), directory, inside)

    def _install(self, lines: list[str], directory: Path, inside: dict[str, str]) -> None:
        # A file beside the environment; paths in its lines are relative to the project, where uv runs.
        file = Path(inside["VIRTUAL_ENV"]) / "requirements.txt"
        file.write_text("".join(f"{_absolute(line, directory)}\n" for line in lines), encoding="utf-8")
        self._uv(["pip", "install", "-r", str(file)], directory, inside)

    def _uv(self, arguments: list[str], directory: Path, inside: dict[str, str] | None = None) -> None:
        variables = {name: value for name, value in os.environ.items() if name not in _OURS} | (inside or {})
        if self.run([uv_program(), *arguments], directory, variables) != 0:
            raise BuildFailed(f"the environment could not be built: `uv {' '.join(arguments[:2])}` failed")

    @contextmanager
    def _locked(self, key: str) -> Iterator[None]:
        """While it lasts, no other process builds this environment."""
        import fcntl  # noqa: PLC0415  Windows has none, and there the import of this module must not fail

        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / f".{key}.lock").open("a", encoding="utf-8") as lock:
            told = False
            while True:
                with contextlib.suppress(BlockingIOError):
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                if not told:
                    self.say(f"waiting for another process that builds the environment {key}")
                told = True
                wait_a_moment(self.cancellation)
            yield


def _absolute(line: str, directory: Path) -> str:
    named = split_option(line)
    return line if named is None else f"{named[0]} {directory / named[1]}"


def uv_program() -> str:
    """Where the program uv is; MissingDependency without it."""
    with contextlib.suppress(FileNotFoundError):
        return str(uv.find_uv_bin())
    found = shutil.which("uv")
    if found is None:
        raise MissingDependency("environments need the program uv", hint="pip install uv, or --env-manager local")
    return found
