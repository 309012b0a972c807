"""Git: fetching one version of a repository, by the git program."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from windlass.errors import MissingDependency, NotFound, Unavailable
from windlass.uri import redact

_PATIENCE = 1800.0
_ENDURING = ("-c", "http.lowSpeedLimit=1000", "-c", "http.lowSpeedTime=60", "-c", "advice.detachedHead=false")
_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
# A commit that git looks up for us must not be taken for one that the environment of this process points to.
_POINTERS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_PREFIX")


@dataclass(frozen=True, slots=True)
class Checkout:
    """What lies in a directory now; `branch` only if a branch was asked for."""

    commit: str
    branch: str | None = None


def check_out(address: str, version: str | None, directory: Path) -> Checkout:
    """Bring a branch, a tag or a commit (the default branch without) with its submodules into an empty directory."""
    _git("init", "--quiet", str(directory))
    _git("remote", "add", "origin", address, at=directory)
    named = _reference(address, version)
    if named is not None:
        _git("fetch", "--quiet", "--depth", "1", "--no-tags", "origin", named, at=directory)
        commit = _git("rev-parse", "FETCH_HEAD^{commit}", at=directory)
    else:
        commit = _fetch_commit(address, str(version), directory)
    _git("checkout", "--quiet", "--detach", commit, at=directory)
    if (directory / ".gitmodules").is_file():
        _git("submodule", "--quiet", "update", "--init", "--recursive", at=directory)
    branch = version if named is not None and named.startswith("refs/heads/") and version else None
    return Checkout(commit, branch.removeprefix("refs/heads/") if branch else None)


def commit_of(directory: Path) -> str | None:
    """The commit that is checked out around a directory; None outside of a repository, or without git."""
    if shutil.which("git") is None:
        return None
    done = _run(["git", "rev-parse", "--verify", "--quiet", "HEAD"], directory)
    return done.stdout.strip() or None if done.returncode == 0 else None


def root_of(directory: Path) -> Path:
    """The top of the working copy around a directory; the directory itself if it is a bare repository."""
    bare = _git("rev-parse", "--is-bare-repository", at=directory) == "true"
    return directory if bare else Path(_git("rev-parse", "--show-toplevel", at=directory))


def origin_of(root: Path) -> str | None:
    """The address of a working copy's remote `origin`; None without one."""
    done = _run(["git", "config", "--get", "remote.origin.url"], root)
    return done.stdout.strip() or None if done.returncode == 0 else None


def _reference(address: str, version: str | None) -> str | None:
    """The full name of a tag or a branch, tags first as git has it; `HEAD` without a version, None for a commit."""
    if version is None:
        return "HEAD"
    wanted = [version] if version.startswith("refs/") else [f"refs/tags/{version}", f"refs/heads/{version}"]
    listed = _git("ls-remote", "--quiet", address, *wanted)
    there = {line.partition("\t")[2] for line in listed.splitlines()}
    return next((name for name in wanted if name in there), None)


def _fetch_commit(address: str, version: str, directory: Path) -> str:
    if _COMMIT.fullmatch(version):
        one = ["git", *_ENDURING, "fetch", "--quiet", "--depth", "1", "--no-tags", "origin", version]
        if _run(one, directory).returncode == 0:
            return version
    # A server may refuse to give single commits, and the beginning of one means nothing to it.
    _git("fetch", "--quiet", "--tags", "origin", "+refs/heads/*:refs/remotes/origin/*", at=directory)
    done = _run(["git", "rev-parse", "--verify", "--quiet", f"{version}^{{commit}}"], directory)
    if done.returncode != 0 or not re.fullmatch(r"[0-9a-f]{4,64}", version):
        raise NotFound(f"{redact(address)} has no branch, tag or commit {version!r}")
    return done.stdout.strip()


def _git(*arguments: str, at: Path | None = None) -> str:
    if shutil.which("git") is None:
        raise MissingDependency("projects in repositories need the program git", hint="install git")
    done = _run(["git", *_ENDURING, *arguments], at)
    if done.returncode != 0:
        said = "\n".join(f"  {redact(line)}" for line in done.stderr.strip().splitlines()[-10:])
        doing = " ".join(redact(one) for one in arguments if not one.startswith("-"))
        raise Unavailable(f"git {doing} failed:\n{said}", hint="does the repository exist, and may you read it?")
    return done.stdout.strip()


def _run(command: list[str], at: Path | None) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in _POINTERS}
    if not sys.stdin or not sys.stdin.isatty():
        environment.setdefault("GIT_TERMINAL_PROMPT", "0")
    try:
        return subprocess.run(  # noqa: S603  git with checked arguments
            command,
            cwd=at,
            env=environment,
            text=True,
            errors="replace",
            capture_output=True,
            check=False,
            timeout=_PATIENCE,
        )
    except subprocess.TimeoutExpired:
        raise Unavailable(f"git {command[-1]} did not end within {_PATIENCE:g} seconds") from None
