"""A model of the registry through its life on Azure, as its users see it."""

from __future__ import annotations

import pytest

from windlass.testing.model_life import (
    check_canary,
    check_life,
    check_taking_back,
    log_failing_model,
    register_versions,
)
from windlass_azureml.conformance import TARGET, case, double
from windlass_azureml.testing.double import PRINCIPAL

__all__ = ["case", "double"]


@pytest.fixture
def signed_in(double, monkeypatch):
    monkeypatch.setenv("WINDLASS_AZURE_MANAGEMENT_URL", double.url)
    monkeypatch.setenv("AZURE_AUTHORITY_HOST", double.url)
    for name, value in PRINCIPAL.items():
        monkeypatch.setenv(f"AZURE_{name.replace('tenant', 'tenant_id').upper()}", value)


@pytest.mark.usefixtures("signed_in")
def test_a_model_lives_as_long_as_it_is_wanted(double, tmp_path, monkeypatch):
    versions, config = register_versions(tmp_path, monkeypatch), {"image": "scoring:1", "timeout": "20"}
    check_life(TARGET, versions, config=config)
    check_canary(TARGET, versions, config=config)
    check_taking_back(TARGET, versions[0], log_failing_model(tmp_path), config=config)
    assert double.left() == []
