"""What this machine knows about a run: who started it, from which file, at which commit."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from windlass.interfaces import RunContext

_MAX_REF_HOPS = 5


class LocalContext(RunContext):
    """The user, the source file and the git commit, under the tags that MLflow uses for them."""

    def tags(self) -> Mapping[str, str]:
        """The tags that apply to this process."""
        source = _source()
        found = {"mlflow.user": _user(), "mlflow.source.name": source, "mlflow.source.type": _source_type()}
        if commit := _commit(str(Path(source).absolute().parent)):
            found["mlflow.source.git.commit"] = commit
        return found


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def _source() -> str:
    return sys.argv[0] if sys.argv and sys.argv[0] else sys.executable


def _source_type() -> str:
    return "NOTEBOOK" if "ipykernel" in sys.modules else "LOCAL"


@lru_cache(maxsize=8)
def _commit(directory: str) -> str | None:
    """The commit that is checked out around a directory, read from git's own files; None outside of a repository."""
    start = Path(directory)
    for candidate in (start, *start.parents):
        git = candidate / ".git"
        if git.is_dir():
            try:
                return _resolve(git, "HEAD")
            except (OSError, UnicodeDecodeError):
                return None
    return None


def _resolve(git: Path, name: str) -> str | None:
    for _ in range(_MAX_REF_HOPS):
        file = git / name
        if not file.is_file():
            return _packed(git, name)
        text = file.read_text().strip()
        if not text.startswith("ref: "):
            return text
        name = text.removeprefix("ref: ")
    return None


def _packed(git: Path, name: str) -> str | None:
    packed = git / "packed-refs"
    for line in packed.read_text().splitlines() if packed.is_file() else ():
        commit, _, ref = line.partition(" ")
        if ref == name:
            return commit
    return None
