"""Model versions over HTTP."""

from __future__ import annotations

from typing import cast

from windlass.services.workspace import Workspace
from windlass.wire import model_version as wire
from windlass_server.endpoint import Endpoints, answer_page, tags

model_versions = Endpoints("model versions")


@model_versions.add
def create_model_version(workspace: Workspace, request: wire.CreateModelVersion) -> wire.ModelVersionAnswer:
    """Register a model as the next version."""
    made = workspace.model_versions.create(
        request.name,
        request.source,
        run_id=request.run_id or None,
        model_id=request.model_id or None,
        tags=tags(request.tags),
        run_link=request.run_link or "",
        description=request.description or "",
    )
    return {"model_version": wire.encode_model_version(made)}


@model_versions.add
def get_model_version(workspace: Workspace, request: wire.GetModelVersion) -> wire.ModelVersionAnswer:
    """The version of a number."""
    found = workspace.model_versions.get(request.name, request.version)
    return {"model_version": wire.encode_model_version(found)}


@model_versions.add
def get_download_uri(workspace: Workspace, request: wire.GetDownloadUri) -> wire.DownloadUriAnswer:
    """Where the files of a version are."""
    return {"artifact_uri": workspace.model_versions.download_uri(request.name, request.version)}


@model_versions.add
def update_model_version(workspace: Workspace, request: wire.UpdateModelVersion) -> wire.ModelVersionAnswer:
    """Change the description; without one nothing changes."""
    if request.description is None:
        changed = workspace.model_versions.get(request.name, request.version)
    else:
        changed = workspace.model_versions.update(request.name, request.version, description=request.description)
    return {"model_version": wire.encode_model_version(changed)}


@model_versions.add
def transition_model_version(workspace: Workspace, request: wire.TransitionModelVersion) -> wire.ModelVersionAnswer:
    """Move a version to a stage."""
    moved = workspace.model_versions.transition(
        request.name, request.version, request.stage, archive_existing=request.archive_existing_versions
    )
    return {"model_version": wire.encode_model_version(moved)}


@model_versions.add
def delete_model_version(workspace: Workspace, request: wire.DeleteModelVersion) -> None:
    """Remove a version for good."""
    workspace.model_versions.delete(request.name, request.version)


@model_versions.add
def search_model_versions(workspace: Workspace, request: wire.SearchModelVersions) -> wire.ModelVersionsAnswer:
    """The versions that match."""
    page = workspace.model_versions.search(
        filter=request.filter or "",
        order_by=request.order_by,
        max_results=request.max_results,
        page_token=request.page_token or None,
    )
    return cast(wire.ModelVersionsAnswer, answer_page("model_versions", page, wire.encode_model_version))


@model_versions.add
def set_model_version_tag(workspace: Workspace, request: wire.SetModelVersionTag) -> None:
    """Set a tag."""
    workspace.model_versions.set_tag(request.name, request.version, request.key, request.value)


@model_versions.add
def delete_model_version_tag(workspace: Workspace, request: wire.DeleteModelVersionTag) -> None:
    """Remove a tag."""
    workspace.model_versions.delete_tag(request.name, request.version, request.key)
