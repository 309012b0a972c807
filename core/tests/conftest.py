"""Fixtures for core's tests: a fresh project on the memory store."""

from __future__ import annotations

import os
import uuid

import pytest

from windlass.fluent import state
from windlass.services.workspace import Workspace


@pytest.fixture(autouse=True)
def _own_directory(monkeypatch, tmp_path):
    """No project of the developer's reaches a test, and no service."""
    for name in list(os.environ):
        if name.startswith("WINDLASS_TEST_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def workspace(monkeypatch, tmp_path) -> Workspace:
    """A new memory store with local artifacts, current for the fluent functions and the program."""
    monkeypatch.setenv("WINDLASS_ARTIFACT_ROOT", (tmp_path / "artifacts").as_uri())
    monkeypatch.setenv("WINDLASS_TRACKING_URI", f"memory://{uuid.uuid4().hex}")
    return state.current_workspace()
