"""A model of the registry through its life on Azure, as its users see it."""

from __future__ import annotations

import pytest

from windlass_azureml.conformance import TARGET, case, double
from windlass_azureml.testing.double import PRINCIPAL
from windlass_rest.testing.life import live, versions

__all__ = ["case", "double", "versions"]


@pytest.fixture
def signed_in(double, monkeypatch):
    monkeypatch.setenv("WINDLASS_AZURE_MANAGEMENT_URL", double.url)
    monkeypatch.setenv("AZURE_AUTHORITY_HOST", double.url)
    for name, value in PRINCIPAL.items():
        monkeypatch.setenv(f"AZURE_{name.replace('tenant', 'tenant_id').upper()}", value)


@pytest.mark.usefixtures("signed_in")
def test_a_model_is_created_updated_rolled_back_and_deleted(double, versions):
    live(TARGET, versions, {"image": "scoring:1", "timeout": "20"})
    assert double.left() == []
