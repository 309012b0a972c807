"""A model of the registry through its life on Databricks, as its users see it."""

from __future__ import annotations

import pytest

from windlass.testing.model_life import (
    check_canary,
    check_life,
    check_taking_back,
    log_failing_model,
    register_versions,
)
from windlass_databricks.conformance import case, double
from windlass_databricks.testing.double import TOKEN

__all__ = ["case", "double"]


@pytest.fixture
def signed_in(double, monkeypatch):
    monkeypatch.setenv("DATABRICKS_HOST", double.url)
    monkeypatch.setenv("DATABRICKS_TOKEN", TOKEN)


@pytest.mark.usefixtures("signed_in")
def test_a_model_lives_as_long_as_it_is_wanted(double, tmp_path, monkeypatch):
    versions, config = register_versions(tmp_path, monkeypatch), {"model_name": "main.ml.m", "timeout": "20"}
    check_life("databricks", versions, config=config)
    check_canary("databricks", versions, config=config)
    check_taking_back("databricks", versions[0], log_failing_model(tmp_path), config=config)
    assert double.left() == []
