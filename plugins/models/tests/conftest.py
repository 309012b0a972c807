"""A project of its own for each test that logs models."""

from __future__ import annotations

import uuid

import pytest


@pytest.fixture
def project(tmp_path, monkeypatch):
    """An empty project with a store in memory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WINDLASS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("WINDLASS_TRACKING_URI", f"memory://{uuid.uuid4().hex}")
    return tmp_path


@pytest.fixture(scope="session")
def iris():
    """The iris flowers as a table and a column."""
    from sklearn.datasets import load_iris

    return load_iris(return_X_y=True, as_frame=True)


@pytest.fixture(scope="session")
def forest(iris):
    """A small forest of them."""
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(5, random_state=0).fit(*iris)
