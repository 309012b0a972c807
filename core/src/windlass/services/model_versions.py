"""Model versions: what can be done with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from windlass.config import Settings
from windlass.entities import LoggedModel, ModelStage, ModelVersion, Page
from windlass.errors import Conflict, InvalidValue, NotFound
from windlass.interfaces import ModelRegistry, ModelVersionUpdate
from windlass.model_uri import LoggedModelUri, RegisteredModelUri, RunModelUri, is_model_uri, parse_model_uri
from windlass.plugins import PluginManager
from windlass.search import MODEL_VERSIONS
from windlass.services.identity import now_ms
from windlass.services.limits import (
    MAX_DESCRIPTION,
    MAX_LOCATION,
    MAX_VERSION_RESULTS,
    check_alias,
    check_key,
    check_model_name,
    check_tags,
    check_text,
    check_version,
)
from windlass.services.logged_models import LoggedModelService
from windlass.services.paging import Search
from windlass.services.registered_models import parse_stage
from windlass.services.runs import RunService
from windlass.services.visibility import EVERYTHING, Visibility, visible_page
from windlass.uri import Uri

_MAX_HOPS = 10


class ModelVersionService:
    """Versions of the registered models of one registry."""

    def __init__(
        self,
        registry: ModelRegistry,
        *,
        plugins: PluginManager,
        runs: RunService,
        logged_models: LoggedModelService,
        settings: Settings,
        visibility: Visibility = EVERYTHING,
    ) -> None:
        self._registry = registry
        self._versions = registry.versions
        self._plugins = plugins
        self._runs = runs
        self._logged_models = logged_models
        self._settings = settings
        self._visibility = visibility

    def create(
        self,
        name: str,
        source: str,
        *,
        run_id: str | None = None,
        model_id: str | None = None,
        tags: Mapping[str, str] | None = None,
        run_link: str = "",
        description: str = "",
    ) -> ModelVersion:
        """The next version of a model, READY at once; `source` is where its files are, or a model URI."""
        check_text("source", source, MAX_LOCATION, empty=False)
        run_id, model_id = self._origin(source, run_id or None, model_id or None)
        created = now_ms()
        version = self._versions.create(
            ModelVersion(
                name=check_model_name(name),
                version=0,
                source=source,
                run_id=run_id,
                model_id=model_id,
                run_link=check_text("run_link", run_link or "", MAX_LOCATION),
                creation_timestamp=created,
                last_updated_timestamp=created,
                description=check_text("description", description or "", MAX_DESCRIPTION),
                tags=check_tags(tags),
            )
        )
        if not self._registry.is_remote:
            self._plugins.model_version_created(version)
        return version

    def get(self, name: str, version: int | str) -> ModelVersion:
        """The version."""
        return self._versions.get(check_model_name(name), check_version(version))

    def get_by_alias(self, name: str, alias: str) -> ModelVersion:
        """The version that the alias means."""
        aliases = self._registry.models.get(check_model_name(name)).aliases
        if alias not in aliases:
            known = ", ".join(sorted(aliases)) or "none"
            raise NotFound(f"registered model {name!r} has no alias {alias!r} (known: {known})")
        return self._versions.get(name, aliases[check_alias(alias)])

    def latest(self, name: str, stage: str | None = None) -> ModelVersion:
        """The newest version, or the newest in a stage."""
        versions = self._registry.models.get(check_model_name(name)).latest_versions
        wanted = [one for one in versions if stage is None or one.current_stage == stage]
        if not wanted:
            where = f" in stage {stage}" if stage else ""
            raise NotFound(f"registered model {name!r} has no version{where}")
        return max(wanted, key=lambda one: one.version)

    def update(self, name: str, version: int | str, *, description: str) -> ModelVersion:
        """Change the description."""
        return self._update(name, version, description=check_text("description", description, MAX_DESCRIPTION))

    def transition(self, name: str, version: int | str, stage: str, *, archive_existing: bool = False) -> ModelVersion:
        """Move a version to a stage; Conflict with the reasons if a plugin forbids it."""
        wanted = parse_stage(stage)
        if archive_existing and wanted not in {ModelStage.STAGING, ModelStage.PRODUCTION}:
            raise InvalidValue("archive_existing_versions", True, f"makes no sense for the stage {wanted}")
        current = self.get(name, version)
        if not self._registry.is_remote and (reasons := self._plugins.objections(current, wanted)):
            raise Conflict(f"{name} {version} may not go to {wanted}: {'; '.join(reasons)}")
        return self._update(name, version, stage=wanted, archive_others=archive_existing)

    def delete(self, name: str, version: int | str) -> None:
        """Remove the version for good."""
        self._versions.delete(check_model_name(name), check_version(version))

    def search(self, **search: Any) -> Page[ModelVersion]:
        """One page of the versions that match; the arguments are the fields of `Search`."""
        query = Search(**{"max_results": 10_000, **search}).query(MODEL_VERSIONS, limit=MAX_VERSION_RESULTS)
        return visible_page(self._versions.search, query, lambda one: self._visibility.shows_model(one.name))

    def set_tag(self, name: str, version: int | str, key: str, value: str) -> None:
        """Set a tag, replacing an equal key."""
        self._update(name, version, tags=check_tags({key: value}))

    def delete_tag(self, name: str, version: int | str, key: str) -> None:
        """Remove a tag; nothing happens if it is missing."""
        self._update(name, version, deleted_tags=(check_key("tag key", key),))

    def download_uri(self, name: str, version: int | str) -> str:
        """Where the files of a version are."""
        source: str = self.get(name, version).source
        for _ in range(_MAX_HOPS):
            if not source.startswith("models:"):
                return source
            source = self._next(source)
        raise Conflict(f"the source of {name} {version} leads in a circle")

    def resolve(self, model_uri: str) -> str:
        """The URI with alias, stage or `latest` replaced by the version number it means now; others as they are."""
        if not model_uri.startswith("models:"):
            return model_uri
        match parse_model_uri(model_uri):
            case RegisteredModelUri() as uri:
                found = self.find(uri)
                return f"models:/{found.name}/{found.version}"
            case _:
                return model_uri

    def find(self, uri: RegisteredModelUri) -> ModelVersion:
        """The version that a registry URI means now."""
        if uri.version is not None:
            return self.get(uri.name, uri.version)
        if uri.alias is not None:
            return self.get_by_alias(uri.name, uri.alias)
        stage = uri.stage or "latest"
        return self.latest(uri.name, None if stage.lower() == "latest" else parse_stage(stage))

    def _next(self, source: str) -> str:
        match parse_model_uri(source):
            case LoggedModelUri(model_id):
                return self._logged_models.get(model_id).artifact_location
            case RegisteredModelUri() as uri:
                return self.find(uri).source
            case RunModelUri():
                return source

    def _update(self, name: str, version: int | str, **changes: Any) -> ModelVersion:
        update = ModelVersionUpdate(last_updated_timestamp=now_ms(), **changes)
        return self._versions.update(check_model_name(name), check_version(version), update)

    def _origin(self, source: str, run_id: str | None, model_id: str | None) -> tuple[str | None, str | None]:
        """The run and the logged model that a source comes from; InvalidValue where they contradict each other."""
        if ".." in Uri.parse(source).path.split("/"):
            raise InvalidValue("source", source, "must not hold '..'")
        if is_model_uri(source):
            return self._origin_of_model(source, run_id, model_id)
        if Uri.parse(source).scheme == "file":
            self._check_local(source, run_id, model_id)
        return run_id, model_id

    def _origin_of_model(self, source: str, run_id: str | None, model_id: str | None) -> tuple[str | None, str | None]:
        match parse_model_uri(source):
            case RunModelUri(source_run) if run_id not in {None, source_run}:
                raise InvalidValue("run_id", run_id, f"differs from the run of the source {source}")
            case RunModelUri(source_run):
                return source_run, model_id
            case LoggedModelUri(source_model):
                logged: LoggedModel = self._logged_models.get(source_model)
                return run_id or logged.source_run_id, source_model
            case RegisteredModelUri() as uri:
                found = self.find(uri)
                return run_id or found.run_id, model_id or found.model_id

    def _check_local(self, source: str, run_id: str | None, model_id: str | None) -> None:
        """A server gives out what versions point to, so a path must belong to the run or model that it names."""
        if self._registry.is_remote or not self._settings.default_artifact_root.startswith("mlflow-artifacts:"):
            return
        roots = []
        if run_id:
            roots.append(self._runs.get(run_id).info.artifact_uri)
        if model_id:
            roots.append(self._logged_models.get(model_id).artifact_location)
        if not any(source == root or source.startswith(root.rstrip("/") + "/") for root in roots):
            raise InvalidValue("source", source, "is a local path outside of the run's or model's artifacts")
