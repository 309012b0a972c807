"""A model of the registry through its life on Databricks, as its users see it."""

from __future__ import annotations

import pytest

from windlass_databricks.conformance import case, double
from windlass_databricks.testing.double import TOKEN
from windlass_rest.testing.life import live, versions

__all__ = ["case", "double", "versions"]


@pytest.fixture
def signed_in(double, monkeypatch):
    monkeypatch.setenv("DATABRICKS_HOST", double.url)
    monkeypatch.setenv("DATABRICKS_TOKEN", TOKEN)


@pytest.mark.usefixtures("signed_in")
def test_a_model_is_created_updated_rolled_back_and_deleted(double, versions):
    live("databricks", versions, {"model_name": "main.ml.m", "timeout": "20"})
    assert double.left() == []
