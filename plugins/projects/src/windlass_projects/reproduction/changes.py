"""Changes: what a working copy has beyond its commit, as one patch."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from windlass.errors import Unavailable
from windlass_projects.digests import is_nobodys

MAX_FILE = 1 << 20
"""A new file of more bytes is not recorded."""
MAX_TOTAL = 10 << 20
"""More bytes than that of changes, or of new files, are not recorded."""
_PATIENCE = 600.0
_DIFF = ("diff", "--cached", "--binary", "--full-index", "--no-ext-diff", "--no-textconv", "--no-color")
_PLAIN = ("--no-renames", "--src-prefix=a/", "--dst-prefix=b/", "--ignore-submodules=all", "HEAD")


@dataclass(frozen=True, slots=True)
class Changes:
    """A patch for `git apply`, and a sentence on each thing that is not in it."""

    patch: bytes
    missing: tuple[str, ...] = ()

    @classmethod
    def of(cls, root: Path, is_data: Callable[[str], bool] = is_nobodys) -> Changes:
        """What the working copy at `root` has changed, removed and added.

        Ignored files are not looked at, and new ones only unless `is_data` says so of them.
        """
        with tempfile.TemporaryDirectory(prefix="windlass-") as scratch:
            return _Working(root, Path(scratch), is_data).changes()


def apply_patch(patch: bytes, directory: Path) -> None:
    """Apply what was recorded to a copy of the commit."""
    if patch:
        _git(directory, "apply", "--binary", "--whitespace=nowarn", "-", given=patch)


def within_bounds(sizes: Mapping[str, int]) -> tuple[list[str], list[str]]:
    """Which of some new files to record, smallest first, and a sentence on each that is too large for that."""
    chosen, missing, total = [], [], 0
    for name, size in sorted(sizes.items(), key=lambda one: (one[1], one[0])):
        if size > MAX_FILE:
            missing.append(f"the new file {name} has {size} bytes, more than {MAX_FILE}")
        elif total + size > MAX_TOTAL:
            missing.append(f"the new file {name}: new files have more than {MAX_TOTAL} bytes together")
        else:
            chosen.append(name)
            total += size
    return chosen, missing


class _Working:
    """A working copy, and an index and a place for objects beside it, so that nothing of the user's is touched."""

    def __init__(self, root: Path, scratch: Path, is_data: Callable[[str], bool]) -> None:
        self._root = root
        self._is_data = is_data
        self._scratch = scratch
        (scratch / "objects").mkdir()
        own = {name: self._path(name) for name in ("index", "objects")}
        if own["index"].is_file():
            # What it knows of times and sizes saves reading every file.
            shutil.copyfile(own["index"], scratch / "index")
        self._variables = {
            "GIT_INDEX_FILE": str(scratch / "index"),
            "GIT_OBJECT_DIRECTORY": str(scratch / "objects"),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(own["objects"]),
            "GIT_LITERAL_PATHSPECS": "1",
        }

    def changes(self) -> Changes:
        """The patch, made by git itself."""
        self._git("add", "--update")
        chosen, missing = within_bounds(dict(self._new_files()))
        if chosen:
            listed = "\0".join(chosen).encode("utf-8", "surrogateescape")
            self._git("add", "--pathspec-from-file=-", "--pathspec-file-nul", given=listed)
        missing += self._submodules()
        patch = self._git(*_DIFF, *_PLAIN)
        if len(patch) > 2 * MAX_TOTAL:
            return Changes(b"", (f"the changes are a patch of {len(patch)} bytes, more than {2 * MAX_TOTAL}", *missing))
        return Changes(patch, tuple(missing))

    def _new_files(self) -> Iterator[tuple[str, int]]:
        for name in _names(self._git("ls-files", "-z", "--others", "--exclude-standard")):
            path = self._root / name
            if not self._is_data(name) and not path.is_dir():
                yield name, path.lstat().st_size

    def _submodules(self) -> list[str]:
        lines = _names(self._git("status", "--porcelain=v2", "-z", "--untracked-files=no"))
        changed = [line.split(" ", 8)[-1] for line in lines if line.startswith("1 ") and line.split(" ")[2][0] == "S"]
        return [f"changes of the submodule {name} are not recorded" for name in changed]

    def _path(self, name: str) -> Path:
        return self._root / os.fsdecode(_git(self._root, "rev-parse", "--git-path", name)).rstrip("\n")

    def _git(self, *arguments: str, given: bytes = b"") -> bytes:
        return _git(self._root, *arguments, given=given, variables=self._variables)


def _names(listed: bytes) -> list[str]:
    return [os.fsdecode(name) for name in listed.split(b"\0") if name]


def _git(directory: Path, *arguments: str, given: bytes = b"", variables: Mapping[str, str] | None = None) -> bytes:
    here = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(  # noqa: S603  git with arguments of ours
            ["git", *arguments],  # noqa: S607  the one that the user has
            cwd=directory,
            env={**here, **(variables or {})},
            input=given,
            capture_output=True,
            check=False,
            timeout=_PATIENCE,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"git {arguments[0]} failed: {error}") from None
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip()
        raise Unavailable(f"git {arguments[0]} failed: {said[-1000:]}")
    return done.stdout
