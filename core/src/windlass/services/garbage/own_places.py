"""Where runs, logged models and experiments keep their own files, as directories that can be removed whole."""

from __future__ import annotations

from windlass.entities import Experiment, LoggedModel, Run
from windlass.services.artifact_place import ArtifactPlace


def place_of_run(run: Run) -> ArtifactPlace:
    """The directory of a run, with the name that services give it; its artifact root where it was put elsewhere."""
    return _within(run.info.artifact_uri, run.info.run_id, "artifacts")


def place_of_logged_model(model: LoggedModel) -> ArtifactPlace:
    """The directory of a logged model."""
    return _within(model.artifact_location, "models", model.model_id, "artifacts")


def place_of_experiment(experiment: Experiment) -> ArtifactPlace | None:
    """The directory of an experiment; None where it may be shared with others."""
    found = _within(experiment.artifact_location, experiment.experiment_id)
    return found if found.path else None


def _within(uri: str, *names: str) -> ArtifactPlace:
    """The first directory of an own name, below what others use too; the names after it are those that belong to it."""
    ending = "/" + "/".join(names)
    if not uri.endswith(ending):
        return ArtifactPlace(uri, "")
    root = uri.removesuffix(ending)
    own = names[:-1] if names[-1] == "artifacts" else names
    return ArtifactPlace(root + "/" if root.endswith(":") else root, "/".join(own))
