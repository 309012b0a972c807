"""Registered models over HTTP."""

from __future__ import annotations

from typing import cast

from windlass.services.workspace import Workspace
from windlass.wire import registered_model as wire
from windlass.wire.model_version import ModelVersionAnswer, ModelVersionsAnswer, encode_model_version
from windlass_server.endpoint import Endpoints, answer_page, tags

registered_models = Endpoints("registered models")


@registered_models.add
def create_registered_model(workspace: Workspace, request: wire.CreateRegisteredModel) -> wire.RegisteredModelAnswer:
    """Make a registered model."""
    made = workspace.registered_models.create(
        request.name, tags=tags(request.tags), description=request.description or ""
    )
    return {"registered_model": wire.encode_registered_model(made)}


@registered_models.add
def get_registered_model(workspace: Workspace, request: wire.GetRegisteredModel) -> wire.RegisteredModelAnswer:
    """The registered model of a name."""
    return {"registered_model": wire.encode_registered_model(workspace.registered_models.get(request.name))}


@registered_models.add
def rename_registered_model(workspace: Workspace, request: wire.RenameRegisteredModel) -> wire.RegisteredModelAnswer:
    """Give it another name."""
    changed = workspace.registered_models.rename(request.name, request.new_name)
    return {"registered_model": wire.encode_registered_model(changed)}


@registered_models.add
def update_registered_model(workspace: Workspace, request: wire.UpdateRegisteredModel) -> wire.RegisteredModelAnswer:
    """Change the description; without one nothing changes."""
    if request.description is None:
        changed = workspace.registered_models.get(request.name)
    else:
        changed = workspace.registered_models.update(request.name, description=request.description)
    return {"registered_model": wire.encode_registered_model(changed)}


@registered_models.add
def delete_registered_model(workspace: Workspace, request: wire.DeleteRegisteredModel) -> None:
    """Remove it for good."""
    workspace.registered_models.delete(request.name)


@registered_models.add
def search_registered_models(workspace: Workspace, request: wire.SearchRegisteredModels) -> wire.RegisteredModelsAnswer:
    """The registered models that match."""
    page = workspace.registered_models.search(
        filter=request.filter or "",
        order_by=request.order_by,
        max_results=request.max_results,
        page_token=request.page_token or None,
    )
    return cast(wire.RegisteredModelsAnswer, answer_page("registered_models", page, wire.encode_registered_model))


@registered_models.add
def list_registered_models(workspace: Workspace, request: wire.ListRegisteredModels) -> wire.RegisteredModelsAnswer:
    """All registered models."""
    page = workspace.registered_models.search(max_results=request.max_results, page_token=request.page_token or None)
    return cast(wire.RegisteredModelsAnswer, answer_page("registered_models", page, wire.encode_registered_model))


@registered_models.add
def get_latest_versions(workspace: Workspace, request: wire.GetLatestVersions) -> ModelVersionsAnswer:
    """The newest version of each stage."""
    found = workspace.registered_models.latest_versions(request.name, request.stages)
    return {"model_versions": [encode_model_version(one) for one in found]} if found else {}


@registered_models.add
def set_registered_model_tag(workspace: Workspace, request: wire.SetRegisteredModelTag) -> None:
    """Set a tag."""
    workspace.registered_models.set_tag(request.name, request.key, request.value)


@registered_models.add
def delete_registered_model_tag(workspace: Workspace, request: wire.DeleteRegisteredModelTag) -> None:
    """Remove a tag."""
    workspace.registered_models.delete_tag(request.name, request.key)


@registered_models.add
def set_alias(workspace: Workspace, request: wire.SetAlias) -> None:
    """Let an alias mean a version."""
    workspace.registered_models.set_alias(request.name, request.alias, request.version)


@registered_models.add
def delete_alias(workspace: Workspace, request: wire.DeleteAlias) -> None:
    """Remove an alias."""
    workspace.registered_models.delete_alias(request.name, request.alias)


@registered_models.add
def get_version_by_alias(workspace: Workspace, request: wire.GetVersionByAlias) -> ModelVersionAnswer:
    """The version that an alias means."""
    found = workspace.model_versions.get_by_alias(request.name, request.alias)
    return {"model_version": encode_model_version(found)}
