"""Removing single files of runs and models, unless somebody relies on them."""

from __future__ import annotations

from windlass.entities import LifecycleStage
from windlass.errors import Conflict, NotFound
from windlass.services.artifact_place import ArtifactPlace
from windlass.services.garbage.used_files import UsedFiles, place_key
from windlass.services.workspace import Workspace
from windlass.uri import join


def remove_artifact(workspace: Workspace, place: ArtifactPlace, *, force: bool = False) -> None:
    """Remove a file, or a directory with all below it; Conflict if a version or a logged model uses it."""
    if not force:
        refuse_used(workspace, place)
    workspace.artifacts.delete(place.root, place.path)


def refuse_used(workspace: Workspace, place: ArtifactPlace) -> None:
    """Conflict if a registered version or a logged model uses what is at the place."""
    if (user := _user(workspace, place)) is not None:
        raise Conflict(f"{user} uses {place.path!r}", hint="delete that first, or use --force")


def _user(workspace: Workspace, place: ArtifactPlace) -> str | None:
    used = UsedFiles.of(workspace.registry)
    if (user := used.at(join(place.root, place.path))) is not None:
        return user
    # The roots of runs and logged models hold their ids.
    for name in place_key(place.root).split("/"):
        if (user := used.at_path(name, place.path) or used.models.get(name)) is not None:
            return user
        if name.startswith("m-") and _is_model(workspace, name):
            return f"logged model {name}"
    return None


def _is_model(workspace: Workspace, model_id: str) -> bool:
    try:
        return workspace.logged_models.get(model_id).lifecycle_stage == LifecycleStage.ACTIVE
    except NotFound:
        return False
