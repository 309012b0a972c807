"""SourceFiles: what of a project's directory is its code, as git or, without it, the directory itself says."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from windlass.errors import Unavailable
from windlass_projects.digests import digest_of_files, files_in

_PATIENCE = 600.0


@dataclass(frozen=True, slots=True)
class SourceFiles:
    """The files of a project that are code: not those that git ignores, nor those that `is_data` says."""

    directory: Path
    is_data: Callable[[str], bool]

    def digest(self, below: Sequence[str] = (), *, without: Iterable[Path] = ()) -> str:
        """One digest of all of them, or of those below the given paths; `without` are those that count elsewhere."""
        wanted, left_out = [self.directory / one for one in below] or [self.directory], list(without)
        chosen = [file for file in self.all() if _is_in(file, wanted) and not _is_in(file, left_out)]
        return digest_of_files(chosen, self.directory)

    def all(self) -> Iterator[Path]:
        """Each file."""
        for file in files_in(self.directory) if (listed := _listed_by_git(self.directory)) is None else listed:
            if not self.is_data(file.relative_to(self.directory).as_posix()):
                yield file


def _is_in(file: Path, places: Iterable[Path]) -> bool:
    return any(file.is_relative_to(one) for one in places)


def _listed_by_git(directory: Path) -> list[Path] | None:
    """Tracked files and new ones that are not ignored; None outside of git, and in what it ignores as a whole."""
    if shutil.which("git") is None:
        return None
    if _git(directory, "check-ignore", "--quiet", str(directory.resolve())).returncode != 1:
        return None
    done = _git(directory, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if done.returncode != 0:
        return None
    named = {directory / os.fsdecode(name) for name in done.stdout.split(b"\0") if name}
    return [file for path in named for file in (files_in(path) if path.is_dir() else [path]) if file.is_file()]


def _git(directory: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    here = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        return subprocess.run(  # noqa: S603  git with arguments of ours
            ["git", *arguments],  # noqa: S607  the one that the user has
            cwd=directory,
            env=here,
            capture_output=True,
            check=False,
            timeout=_PATIENCE,
        )
    except subprocess.TimeoutExpired:
        raise Unavailable(f"git {arguments[0]} did not end within {_PATIENCE:g} seconds") from None
