"""Outputs: files that a step has written, kept with its run and put back when the step need not run again."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from windlass.errors import NotFound
from windlass.services.run_artifacts import RunArtifacts
from windlass.services.workspace import Workspace
from windlass_projects.digests import digest_of

_KEPT = "outputs"


def digests(directory: Path, paths: Sequence[str]) -> dict[str, str]:
    """The digest of each output; NotFound names what the step has not written."""
    if missing := ", ".join(path for path in paths if not (directory / path).exists()):
        hint = "outputs are files of the project's directory on this machine; steps elsewhere hand on artifacts"
        raise NotFound(f"the outputs {missing} are not there after the step", hint=hint)
    return {path: digest_of(directory / path) for path in paths}


def keep(workspace: Workspace, run_id: str, directory: Path, paths: Sequence[str]) -> None:
    """Store the outputs as artifacts of the step's run."""
    root = RunArtifacts(workspace, run_id).root
    for path in paths:
        workspace.artifacts.upload(root, directory / path, f"{_KEPT}/{path}")


def restore(workspace: Workspace, run_id: str, directory: Path, wanted: Mapping[str, str]) -> bool:
    """Put back what differs from the digests that an earlier run has left; whether all is as it was then."""
    changed = [path for path, digest in wanted.items() if _present(directory / path) != digest]
    if not changed:
        return True
    with tempfile.TemporaryDirectory(prefix="windlass-") as scratch:
        try:
            root = RunArtifacts(workspace, run_id).root
            workspace.artifacts.download_path(root, _KEPT, Path(scratch))
        except NotFound:
            return False
        kept = Path(scratch) / _KEPT
        if any(_present(kept / path) != wanted[path] for path in changed):
            return False
        for path in changed:
            _replace(kept / path, directory / path)
    return True


def _present(path: Path) -> str | None:
    return digest_of(path) if path.exists() else None


def _replace(kept: Path, target: Path) -> None:
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(kept, target) if kept.is_dir() else shutil.copy2(kept, target)
