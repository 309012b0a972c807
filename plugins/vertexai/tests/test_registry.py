"""A model of the registry through its life on Vertex AI, as its users see it."""

from __future__ import annotations

import pytest

from windlass.testing.model_life import (
    check_canary,
    check_life,
    check_taking_back,
    log_failing_model,
    register_versions,
)
from windlass_vertexai.conformance import CONFIG, TARGET, case, double
from windlass_vertexai.testing.double import TOKEN

__all__ = ["case", "double"]


@pytest.fixture
def signed_in(double, monkeypatch):
    monkeypatch.setenv("WINDLASS_VERTEX_AI_URL", double.url)
    monkeypatch.setenv("WINDLASS_GOOGLE_TOKEN", TOKEN)


@pytest.mark.usefixtures("signed_in")
def test_a_model_lives_as_long_as_it_is_wanted(double, tmp_path, monkeypatch):
    versions, config = register_versions(tmp_path, monkeypatch), CONFIG
    check_life(TARGET, versions, config=config)
    check_canary(TARGET, versions, config=config)
    check_taking_back(TARGET, versions[0], log_failing_model(tmp_path), config=config)
    assert double.left() == []
