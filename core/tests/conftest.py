"""Fixtures for core's tests: a fresh project on the memory store."""

from __future__ import annotations

import uuid

import pytest

from windlass.fluent import state
from windlass.services.workspace import Workspace


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch, tmp_path):
    """No variable and no project of the developer's reaches a test, and no choice of one test the next."""
    import os

    for name in list(os.environ):
        if name.startswith(("WINDLASS_", "MLFLOW_")):
            monkeypatch.delenv(name)
    for name in ("WINDLASS_TRACKING_URI", "WINDLASS_REGISTRY_URI"):
        # Set and deleted, so that what the program itself puts there goes away with the test.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    yield
    chosen = state.chosen()
    chosen.tracking_uri = chosen.registry_uri = chosen.experiment_id = None
    state.thread().runs.clear()


@pytest.fixture
def workspace(monkeypatch, tmp_path) -> Workspace:
    """A new memory store with local artifacts, current for the fluent functions and the program."""
    monkeypatch.setenv("WINDLASS_ARTIFACT_ROOT", (tmp_path / "artifacts").as_uri())
    monkeypatch.setenv("WINDLASS_TRACKING_URI", f"memory://{uuid.uuid4().hex}")
    return state.current_workspace()
