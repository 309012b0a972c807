"""A model of the registry through its life on Vertex AI, as its users see it."""

from __future__ import annotations

import pytest

from windlass_rest.testing.life import live, versions
from windlass_vertexai.conformance import CONFIG, TARGET, case, double
from windlass_vertexai.testing.double import TOKEN

__all__ = ["case", "double", "versions"]


@pytest.fixture
def signed_in(double, monkeypatch):
    monkeypatch.setenv("WINDLASS_VERTEX_AI_URL", double.url)
    monkeypatch.setenv("WINDLASS_GOOGLE_TOKEN", TOKEN)


@pytest.mark.usefixtures("signed_in")
def test_a_model_is_created_updated_rolled_back_and_deleted(double, versions):
    live(TARGET, versions, CONFIG)
    assert double.left() == []
