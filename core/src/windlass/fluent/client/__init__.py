"""MlflowClient: every ability of a store by explicit ids, with the method names that scripts know."""

from __future__ import annotations

from windlass.fluent.client.artifacts import ArtifactMethods
from windlass.fluent.client.experiments import ExperimentMethods
from windlass.fluent.client.logged_models import LoggedModelMethods
from windlass.fluent.client.registered_models import RegisteredModelMethods
from windlass.fluent.client.runs import RunMethods
from windlass.fluent.client.versions import ModelVersionMethods

__all__ = ["MlflowClient"]


class MlflowClient(
    ExperimentMethods, RunMethods, ArtifactMethods, LoggedModelMethods, RegisteredModelMethods, ModelVersionMethods
):
    """Works on given stores, or on the current ones; it holds no active run."""
