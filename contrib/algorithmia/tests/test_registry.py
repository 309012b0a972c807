"""A model of the registry through its life on Algorithmia, as its users see it."""

from __future__ import annotations

import pytest

from windlass.testing.model_life import check_life, register_versions
from windlass_algorithmia.conformance import case, double
from windlass_algorithmia.testing.double import KEY, USER

__all__ = ["case", "double"]


@pytest.mark.slow
def test_a_model_lives_as_long_as_it_is_wanted(double, tmp_path, monkeypatch):
    for name, value in {
        "ALGORITHMIA_API": double.url,
        "ALGORITHMIA_GIT_ENDPOINT": double.url,
        "ALGORITHMIA_API_KEY": KEY,
        "ALGORITHMIA_USERNAME": USER,
        "ALGO_ENV_ID": "env-312",
        "ALGO_PIPELINE": "False",
    }.items():
        monkeypatch.setenv(name, value)
    versions = register_versions(tmp_path, monkeypatch)
    check_life("algorithmia", versions)
    assert double.left() == []
