"""Restoring: bringing the code of a record into a new directory, with the files that it read."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from windlass.errors import WindlassError
from windlass.services.run_artifacts import RunArtifacts
from windlass_projects import archive, git
from windlass_projects.digests import digest_of
from windlass_projects.errors import CannotReproduce
from windlass_projects.fetching import Scratch
from windlass_projects.preparing import is_local
from windlass_projects.reproduction.changes import apply_patch
from windlass_projects.reproduction.record import FILES_FILE, PATCH_FILE, Record


def restore(record: Record, artifacts: RunArtifacts, scratch: Scratch) -> Path:
    """The directory of the project as it was; CannotReproduce says what is gone."""
    root = scratch.directory("source")
    if record.source.commit is None:
        _from_archive(artifacts, root)
    else:
        _from_commit(record, record.source.commit, root)
        with artifacts.fetched_or_none(PATCH_FILE) as patch:
            if patch is not None:
                apply_patch(patch.read_bytes(), root)
    return (root / record.subdirectory).resolve()


def changed_inputs(record: Record, directory: Path) -> Iterator[str]:
    """A sentence on each input that is not what it was. Those that git does not keep come from where they were."""
    for one in record.inputs:
        if not is_local(one.value):
            continue  # it is fetched, and its digest compared, when the project runs
        place, former = directory / one.value.removeprefix("file://"), Path(one.place)
        if place.exists() and digest_of(place) == one.digest:
            continue
        if not former.exists():
            yield f"the input {one.name} ({one.place}) is not there any more"
        elif digest_of(former) != one.digest:
            yield f"the input {one.name} ({one.place}) has changed"
        elif not place.resolve().is_relative_to(directory.resolve()):
            yield f"the input {one.name} ({one.value}) is outside of the project, which is elsewhere now"
        else:
            _copy(former, place)


def _from_commit(record: Record, commit: str, root: Path) -> None:
    problems = []
    for place in record.places:
        try:
            git.check_out(place, commit, root)
        except WindlassError as error:
            problems.append(f"  {error.message}")
            shutil.rmtree(root)
            root.mkdir()
        else:
            return
    looked = "\n".join(problems)
    raise CannotReproduce(f"commit {commit} is nowhere to be had:\n{looked}", hint="fetch or push it, then try again")


def _from_archive(artifacts: RunArtifacts, root: Path) -> None:
    with artifacts.fetched_or_none(FILES_FILE) as file:
        if file is None:
            raise CannotReproduce(f"the run has lost {FILES_FILE}, which held the project's files")
        archive.extract(file, root)


def _copy(former: Path, place: Path) -> None:
    if place.is_dir():
        shutil.rmtree(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(former, place) if former.is_dir() else shutil.copy2(former, place)
