"""The client's methods on model versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from windlass.entities import ModelStage, ModelVersion, Page
from windlass.errors import InvalidValue
from windlass.fluent.client.base import ClientBase
from windlass.fluent.models import ensure_registered_model
from windlass.fluent.values import to_texts


class ModelVersionMethods(ClientBase):
    """Model versions by name and number."""

    def create_model_version(
        self,
        name: str,
        source: str,
        run_id: str | None = None,
        tags: Mapping[str, Any] | None = None,
        run_link: str | None = None,
        description: str | None = None,
        await_creation_for: int = 300,
        model_id: str | None = None,
    ) -> ModelVersion:
        """The next version of a model."""
        del await_creation_for
        return self._workspace.model_versions.create(
            name,
            source,
            run_id=run_id,
            model_id=model_id,
            tags=to_texts(tags or {}),
            run_link=run_link or "",
            description=description or "",
        )

    def copy_model_version(self, src_model_uri: str, dst_name: str) -> ModelVersion:
        """Register an existing version as the next one of another model."""
        if not src_model_uri.startswith("models:/"):
            raise InvalidValue("src_model_uri", src_model_uri, "must begin with models:/")
        workspace = self._workspace
        resolved = workspace.model_versions.resolve(src_model_uri)
        ensure_registered_model(workspace, dst_name)
        return workspace.model_versions.create(dst_name, resolved)

    def get_model_version(self, name: str, version: str | int) -> ModelVersion:
        """The version; NotFound if there is none."""
        return self._workspace.model_versions.get(name, version)

    def get_model_version_by_alias(self, name: str, alias: str) -> ModelVersion:
        """The version that the alias means."""
        return self._workspace.model_versions.get_by_alias(name, alias)

    def update_model_version(self, name: str, version: str | int, description: str | None = None) -> ModelVersion:
        """Change the description."""
        return self._workspace.model_versions.update(name, version, description=description or "")

    def transition_model_version_stage(
        self,
        name: str,
        version: str | int,
        stage: str,
        archive_existing_versions: bool = False,  # noqa: FBT001, FBT002
    ) -> ModelVersion:
        """Move a version to a stage."""
        return self._workspace.model_versions.transition(
            name, version, stage, archive_existing=archive_existing_versions
        )

    def delete_model_version(self, name: str, version: str | int) -> None:
        """Remove the version for good."""
        self._workspace.model_versions.delete(name, version)

    def get_model_version_download_uri(self, name: str, version: str | int) -> str:
        """Where the files of a version are."""
        return self._workspace.model_versions.download_uri(name, version)

    def get_model_version_stages(self, name: str, version: str | int) -> list[str]:
        """The stages there are."""
        del name, version
        return [str(stage) for stage in ModelStage]

    def search_model_versions(
        self,
        filter_string: str | None = None,
        max_results: int = 10_000,
        order_by: Sequence[str] | None = None,
        page_token: str | None = None,
    ) -> Page[ModelVersion]:
        """One page of the versions that match."""
        return self._workspace.model_versions.search(
            filter=filter_string, max_results=max_results, order_by=order_by, page_token=page_token
        )

    def set_model_version_tag(
        self, name: str, version: str | int | None = None, key: str = "", value: Any = "", stage: str | None = None
    ) -> None:
        """Set a tag on a version, or on the newest one of a stage."""
        self._workspace.model_versions.set_tag(name, self._number(name, version, stage), key, str(value))

    def delete_model_version_tag(
        self, name: str, version: str | int | None = None, key: str = "", stage: str | None = None
    ) -> None:
        """Remove a tag of a version, or of the newest one of a stage."""
        self._workspace.model_versions.delete_tag(name, self._number(name, version, stage), key)

    def _number(self, name: str, version: str | int | None, stage: str | None) -> str | int:
        if (version is None) == (stage is None):
            raise InvalidValue("version", version, "needs either a version or a stage")
        return version if version is not None else self._workspace.model_versions.latest(name, stage).version
