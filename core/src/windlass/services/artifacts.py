"""Artifacts: finding out where files are, and moving them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from urllib.parse import unquote

from windlass.config import Settings
from windlass.entities import FileInfo, LoggedModel
from windlass.errors import InvalidValue, NotFound
from windlass.interfaces import ArtifactRepository
from windlass.model_uri import LoggedModelUri, RegisteredModelUri, RunModelUri, is_model_uri, parse_model_uri
from windlass.part_file import MARK
from windlass.plugins import Kind, PluginManager
from windlass.search import quote_value
from windlass.services import transfers
from windlass.services.allowed_places import AllowedPlaces
from windlass.services.dedup.blobs import Blobs
from windlass.services.dedup.repository import DedupRepository
from windlass.services.limits import check_text
from windlass.services.logged_models import LoggedModelService
from windlass.services.model_versions import ModelVersionService
from windlass.services.runs import RunService
from windlass.services.transfers import Progress
from windlass.uri import Uri, join

MAX_PATH = 4_096
_MAX_CACHED = 256
PROXIED = "mlflow-artifacts"


def check_path(path: str, *, empty: bool = True) -> str:
    """A path below an artifact root: relative, without `..`, backslashes, NUL or what decodes to them."""
    check_text("path", path, MAX_PATH, empty=empty)
    for form in (path, unquote(path), unquote(unquote(path))):
        parts = form.split("/")
        if (
            form.startswith("/")
            or ".." in parts
            or "\\" in form
            or "\x00" in form
            or (len(form) > 1 and form[1] == ":")
        ):
            raise InvalidValue("path", path, "must be a relative path with '/', without '..'")
        if any(part.startswith(MARK) for part in parts):
            raise InvalidValue("path", path, f"has a name that begins with {MARK!r}, which is for our own files")
    return "/".join(part for part in path.split("/") if part not in {"", "."})


class ArtifactService:
    """Files of runs and models, wherever they are kept."""

    def __init__(
        self,
        *,
        settings: Settings,
        plugins: PluginManager,
        runs: RunService,
        logged_models: LoggedModelService,
        model_versions: ModelVersionService,
        remote: bool,
    ) -> None:
        self._settings = settings
        self._plugins = plugins
        self._runs = runs
        self._logged_models = logged_models
        self._model_versions = model_versions
        self._remote = remote
        self._open: dict[str, ArtifactRepository] = {}
        self._lock = Lock()
        self._allowed: AllowedPlaces | None = None

    def confine(self) -> None:
        """Touch from now on only what is ours and what the settings allow, wherever a URI points: see AllowedPlaces."""
        self._allowed = AllowedPlaces([*self.shared_roots(), *self._settings.allowed_artifact_locations])

    def may_touch(self, root_uri: str) -> bool:
        """Whether the files at a concrete URI are for us to touch."""
        return self._allowed is None or self._physical(root_uri) in self._allowed

    def repository(self, root_uri: str) -> ArtifactRepository:
        """The repository below a concrete URI, opened once; PermissionDenied where it is not for us to touch."""
        if self._allowed is not None:
            self._allowed.check(self._physical(root_uri))
        with self._lock:
            if (known := self._open.get(root_uri)) is not None:
                return known
            repository = self._open_at(Uri.parse(self._physical(root_uri)))
            if len(self._open) >= _MAX_CACHED:
                self._open.pop(next(iter(self._open))).close()
            self._open[root_uri] = repository
            return repository

    def shared_roots(self) -> Sequence[str]:
        """The places below which equal files may be kept once: where new experiments and those of clients go."""
        own = self._physical(self._settings.default_artifact_root)
        return () if self._remote else tuple(dict.fromkeys((own, self._physical(f"{PROXIED}:/"))))

    def location(self, uri: str) -> str:
        """The concrete place behind any URI: `runs:/…` and `models:/…` are looked up, others are as they are."""
        if not is_model_uri(uri):
            return uri
        match parse_model_uri(uri):
            case RunModelUri(run_id, path):
                return self._of_run(run_id, path)
            case LoggedModelUri(model_id):
                return self._logged_models.get(model_id).artifact_location
            case RegisteredModelUri() as named:
                found = self._model_versions.find(named)
                return self.location(self._model_versions.download_uri(found.name, found.version))

    def list(self, uri: str, path: str = "") -> list[FileInfo]:
        """What is directly inside a directory, with paths relative to `uri`."""
        return self.repository(self.location(uri)).list(check_path(path))

    def upload(self, root_uri: str, local: Path, path: str = "", *, progress: Progress | None = None) -> None:
        """Store a file as `path` (its own name without), or what is in a directory below `path`."""
        target = check_path(path)
        repository = self.repository(root_uri)
        if local.is_file():
            transfers.upload(repository, [(local, target or local.name)], progress=progress)
            return
        if not local.is_dir():
            raise NotFound(f"there is no file or directory {str(local)!r}")
        root = local.resolve()
        files = [
            found for found in sorted(local.rglob("*")) if found.is_file() and found.resolve().is_relative_to(root)
        ]
        prefix = f"{target}/" if target else ""
        named = [(found, check_path(prefix + found.relative_to(local).as_posix())) for found in files]
        transfers.upload(repository, named, progress=progress)

    def download(self, uri: str, destination: Path | None = None, *, progress: Progress | None = None) -> Path:
        """Fetch a file or a whole directory, and return where it is now.

        Without a destination local files stay where they are and others go to a new temporary directory.
        """
        root, path = self._split(self.location(uri))
        if destination is None and self._is_here(root):
            return Uri.parse(self._physical(root)).local_path() / path
        target = destination or Path(tempfile.mkdtemp(prefix="windlass-"))
        return self._fetch(self.repository(root), path, target, progress)

    @contextmanager
    def fetched(self, uri: str) -> Iterator[Path]:
        """A file or directory on this machine for the time of the block; what had to be fetched is removed after it."""
        location = self.location(uri)
        if self._is_here(location):
            yield self.download(location)
            return
        with tempfile.TemporaryDirectory(prefix="windlass-") as directory:
            yield self.download(location, Path(directory))

    def download_path(
        self, root_uri: str, path: str, destination: Path | None = None, *, progress: Progress | None = None
    ) -> Path:
        """Fetch `path` below a root; below the destination it keeps its relative place."""
        root, checked = self.location(root_uri), check_path(path)
        if destination is None or not checked:
            return self.download(join(root, checked), destination, progress=progress)
        return self._fetch(self.repository(root), checked, (destination / checked).parent, progress)

    def delete(self, root_uri: str, path: str = "") -> None:
        """Remove a file, or a directory with all below it."""
        self.repository(root_uri).delete(check_path(path))

    def close(self) -> None:
        """Close every repository."""
        with self._lock:
            while self._open:
                self._open.popitem()[1].close()

    def _open_at(self, uri: Uri) -> ArtifactRepository:
        kind: type[ArtifactRepository] = self._plugins.load(Kind.ARTIFACT_REPOSITORY, uri.scheme)
        for root in map(Uri.parse, self.shared_roots()):
            if (prefix := uri.path_below(root)) is not None:
                store = kind.open(root, self._settings)
                if self._settings.artifacts_dedup or Blobs(store).exist():
                    return DedupRepository(store, prefix, sharing=self._settings.artifacts_dedup)
                store.close()
        return kind.open(uri, self._settings)

    def _is_here(self, root: str) -> bool:
        """Whether the files below a root are plain files of this machine."""
        is_local = Uri.parse(self._physical(root)).scheme == "file"
        return is_local and not isinstance(self.repository(root), DedupRepository)

    def _physical(self, uri: str) -> str:
        """Where the owner of the data keeps what its clients know as `mlflow-artifacts:/…`."""
        parsed = Uri.parse(uri)
        if self._remote or parsed.scheme != PROXIED:
            return uri
        root = self._settings.artifacts_destination or (self._settings.home / "artifacts").as_uri()
        return join(root, check_path(parsed.path.lstrip("/")))

    def _split(self, location: str) -> tuple[str, str]:
        """A directory and no path, or the directory of a file and its name; NotFound if neither is there."""
        if self.repository(location).list():
            return location, ""
        parent, _, name = location.rstrip("/").rpartition("/")
        if parent and name:
            self.repository(parent).stat(unquote(name) if Uri.parse(location).text.startswith("file:") else name)
            return parent, name
        raise NotFound(f"there are no files at {Uri.parse(location)}")

    def _fetch(
        self, repository: ArtifactRepository, path: str, directory: Path, progress: Progress | None = None
    ) -> Path:
        """Bring the file or directory `path` into a local directory under its own name; the root becomes it."""
        target = directory / path.rpartition("/")[2]
        if path and not repository.stat(path).is_dir:
            directory.mkdir(parents=True, exist_ok=True)
            transfers.download(repository, [(repository.stat(path), target)], progress=progress)
            return target
        jobs = []
        for info in transfers.walk(repository, path):
            local = target / check_path(info.path, empty=False)[len(path) :].lstrip("/")
            local.parent.mkdir(parents=True, exist_ok=True)
            jobs.append((info, local))
        transfers.download(repository, jobs, progress=progress)
        return target

    def logged_model(self, run_id: str, path: str) -> LoggedModel | None:
        """The logged model behind `runs:/RUN_ID/PATH`: none if the run has files of its own there."""
        info = self._runs.get(run_id).info
        if not path or self._exists(info.artifact_uri, path):
            return None
        name = path.partition("/")[0]
        filter_ = f"source_run_id = {quote_value(run_id)} AND name = {quote_value(name)}"
        return next(iter(self._logged_models.search([info.experiment_id], filter=filter_, max_results=1)), None)

    def _of_run(self, run_id: str, path: str) -> str:
        if (model := self.logged_model(run_id, path)) is not None:
            return join(model.artifact_location, path.partition("/")[2])
        return join(self._runs.get(run_id).info.artifact_uri, path)

    def _exists(self, root: str, path: str) -> bool:
        try:
            self.repository(root).stat(check_path(path))
        except NotFound:
            return False
        return True
