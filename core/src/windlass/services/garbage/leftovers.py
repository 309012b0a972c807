"""Leftovers: what nobody refers to, though nobody has deleted it."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from windlass.config import Settings
from windlass.entities import Experiment, FileInfo, ViewType
from windlass.errors import NotFound, Unavailable, Unsupported
from windlass.interfaces import ModelRegistry, TrackingStore
from windlass.interfaces.artifact_abilities import FindsLeftovers
from windlass.services.artifact_place import ArtifactPlace
from windlass.services.artifacts import ArtifactService
from windlass.services.dedup.blob_collector import BlobCollector
from windlass.services.dedup.repository import DedupRepository
from windlass.services.experiments import ExperimentService
from windlass.services.file_count import NO_FILES, FileCount, count_files
from windlass.services.garbage.artifact_roots import artifact_roots
from windlass.services.garbage.used_files import UsedFiles
from windlass.services.paging import every
from windlass.uri import join

_log = logging.getLogger(__name__)
_DAY = 86_400
_RUN = re.compile(r"[0-9a-f]{32}")
_MODEL = re.compile(r"m-[0-9a-f]{32}")
_EXPERIMENT = re.compile(r"[0-9]+", re.ASCII)
_MODELS = "models"


@dataclass(frozen=True, slots=True)
class BrokenUpload:
    """What an upload left that broke off: where, and its path for the repository there."""

    root: str
    info: FileInfo


class LeftoverService:
    """Finds and removes parts of broken uploads, and the directories of runs that are gone."""

    def __init__(
        self,
        *,
        settings: Settings,
        tracking: TrackingStore,
        registry: ModelRegistry,
        experiments: ExperimentService,
        artifacts: ArtifactService,
    ) -> None:
        self._settings = settings
        self._tracking = tracking
        self._registry = registry
        self._experiments = experiments
        self._artifacts = artifacts

    def broken_uploads(self, seconds: int = _DAY) -> list[BrokenUpload]:
        """What uploads left that nobody has written to for so many seconds, a day unless said otherwise."""
        found: list[BrokenUpload] = []
        for root in artifact_roots(self._settings, self._all_experiments()):
            try:
                repository = self._artifacts.repository(root)
                if isinstance(repository, FindsLeftovers):
                    found += [BrokenUpload(root, info) for info in repository.leftovers(seconds)]
            except (Unavailable, Unsupported) as error:
                _log.warning("what broken uploads left in %s stays there: %s", root, error.message)
        return found

    def drop(self, uploads: Iterable[BrokenUpload]) -> None:
        """Remove what broken uploads left."""
        for one in uploads:
            repository = self._artifacts.repository(one.root)
            if isinstance(repository, FindsLeftovers):
                repository.drop_leftover(one.info.path)

    def unused_blobs(self) -> FileCount:
        """The contents that equal files shared and that none leads to any more."""
        found = [info for one in self._collectors() for info in one.unused()]
        return FileCount(len(found), sum(info.file_size or 0 for info in found))

    def collect_blobs(self) -> FileCount:
        """Remove them; returns what that freed."""
        return sum((one.collect(one.unused()) for one in self._collectors()), NO_FILES)

    def orphans(self) -> list[ArtifactPlace]:
        """Directories named like those of runs, logged models and experiments that this store does not know.

        Another store that shares the place may know them.
        """
        used, experiments = UsedFiles.of(self._registry), list(self._all_experiments())
        found = [place for one in experiments for place in self._in_experiment(one.artifact_location)]
        known = {one.experiment_id for one in experiments}
        for root in artifact_roots(self._settings, experiments):
            found += [ArtifactPlace(root, name) for name in self._named(root, "", _EXPERIMENT) if name not in known]
        return [one for one in found if not _is_used(one, used)]

    def measure(self, orphans: Iterable[ArtifactPlace]) -> FileCount:
        """How many files and bytes they hold."""
        return count_files(self._artifacts, [join(one.root, one.path) for one in orphans])

    def remove(self, orphans: Iterable[ArtifactPlace], on_step: Callable[[], None] | None = None) -> None:
        """Remove them."""
        for one in orphans:
            self._artifacts.delete(one.root, one.path)
            if on_step is not None:
                on_step()

    def _collectors(self) -> Iterator[BlobCollector]:
        for root in self._artifacts.shared_roots():
            repository = self._artifacts.repository(root)
            if isinstance(repository, DedupRepository):
                yield BlobCollector(repository.store)

    def _in_experiment(self, location: str) -> Iterator[ArtifactPlace]:
        for name in self._named(location, "", _RUN):
            if not _exists(self._tracking.runs.get, name):
                yield ArtifactPlace(location, name)
        for name in self._named(location, _MODELS, _MODEL):
            if not _exists(self._tracking.logged_models.get, name):
                yield ArtifactPlace(location, f"{_MODELS}/{name}")

    def _named(self, root: str, path: str, pattern: re.Pattern[str]) -> list[str]:
        """The names of the directories there that look so; none where nobody answers."""
        with suppress(Unavailable, Unsupported):
            found = self._artifacts.repository(root).list(path)
            names = [one.path.rpartition("/")[2] for one in found if one.is_dir]
            return [name for name in names if pattern.fullmatch(name)]
        return []

    def _all_experiments(self) -> Iterator[Experiment]:
        return every(lambda token: self._experiments.search(view=ViewType.ALL, page_token=token))


def _exists(get: Callable[[str], object], key: str) -> bool:
    try:
        get(key)
    except NotFound:
        return False
    return True


def _is_used(place: ArtifactPlace, used: UsedFiles) -> bool:
    name = place.path.rpartition("/")[2]
    return name in used.runs or name in used.models or used.at(join(place.root, place.path)) is not None
