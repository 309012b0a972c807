"""Removing what the quickstart made."""

from __future__ import annotations

import shutil
from contextlib import suppress

from windlass.entities import DEFAULT_EXPERIMENT_ID, LifecycleStage, ViewType
from windlass.errors import NotFound
from windlass.fluent.state import current_settings, current_workspace
from windlass_quickstart.tracking import DEPLOYMENT, EXPERIMENT, MODEL, TARGET


def clean() -> list[str]:
    """Remove deployment, registered model, runs and files; returns what is gone.

    The project's own directory goes too if nothing else is in it. A remote store keeps deleted runs until its gc.
    """
    settings = current_settings()
    if settings.tracking_uri is None and not settings.home.exists():
        return []
    workspace = current_workspace()
    gone = []
    if any(one.name == DEPLOYMENT for one in workspace.deployments.list(TARGET)):
        workspace.deployments.delete(TARGET, DEPLOYMENT)
        gone.append(f"the deployment {DEPLOYMENT}")
    with suppress(NotFound):
        workspace.registered_models.delete(MODEL)
        gone.append(f"the registered model {MODEL}")
    with suppress(NotFound):
        _remove_experiment()
        gone.append(f"the experiment {EXPERIMENT!r} with its runs and files")
    if gone and not workspace.tracking.is_remote and _is_untouched():
        workspace.close()
        shutil.rmtree(workspace.settings.home, ignore_errors=True)
        gone.append(str(workspace.settings.home))
    return gone


def _remove_experiment() -> None:
    workspace = current_workspace()
    experiment = workspace.experiments.get_by_name(EXPERIMENT)
    if experiment.lifecycle_stage == LifecycleStage.ACTIVE:
        workspace.experiments.delete(experiment.experiment_id)
    if not workspace.tracking.is_remote:
        workspace.garbage.collect(workspace.garbage.find(experiment_ids=[experiment.experiment_id]))
        workspace.artifacts.delete(experiment.artifact_location)


def _is_untouched() -> bool:
    """Whether nobody but the quickstart has used this project's store, and it is where nothing was configured."""
    workspace = current_workspace()
    others = [
        one for one in workspace.experiments.search(view=ViewType.ALL) if one.experiment_id != DEFAULT_EXPERIMENT_ID
    ]
    runs = workspace.runs.search([DEFAULT_EXPERIMENT_ID], view=ViewType.ALL, max_results=1)
    models = workspace.registered_models.search(max_results=1)
    deployed = workspace.deployments.list(TARGET)
    return workspace.settings.tracking_uri is None and not (others or runs or models or deployed)
