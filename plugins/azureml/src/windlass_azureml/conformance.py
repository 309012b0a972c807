"""The conformance suites of the target, for `windlass plugins check` and our own tests, on a double of Azure."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from windlass.config import Settings
from windlass.testing.deployment_target import DeploymentTargetSuite
from windlass_azureml.target import AzureMLTarget
from windlass_azureml.testing.double import PRINCIPAL, AzureDouble
from windlass_azureml.testing.shapes import GROUP, SUBSCRIPTION, WORKSPACE
from windlass_rest.testing.cases import EndpointCase, HalfWaySuite, make_case

TARGET = f"azureml:/{SUBSCRIPTION}/{GROUP}/{WORKSPACE}"


@pytest.fixture
def double(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AzureDouble]:
    """A workspace, whose storage account has a host name of its own."""
    real = socket.getaddrinfo

    def found(host: Any, *more: Any, **named: Any) -> Any:
        return real("127.0.0.1" if str(host).endswith(".double.test") else host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", found)
    with AzureDouble(tmp_path / "storage") as made:
        yield made


def settings(double: AzureDouble) -> Settings:
    """How the double is reached, with a service principal."""
    return Settings(
        azure_management_url=double.url,
        azure_authority_host=double.url,
        azure_tenant_id=PRINCIPAL["tenant"],
        azure_client_id=PRINCIPAL["client_id"],
        azure_client_secret=PRINCIPAL["client_secret"],
    )


@pytest.fixture
def case(double: AzureDouble, tmp_path: Path) -> EndpointCase:
    """The target with its models."""
    config = {"timeout": "20", "request_timeout": "10", "image": "an.azurecr.io/scoring:1"}
    return make_case(
        tmp_path, lambda: AzureMLTarget.open(TARGET, settings(double)), double, left=double.left, config=config
    )


class TestAzureMLTarget(DeploymentTargetSuite):
    """A double that answers with our own scoring."""

    @pytest.fixture
    def case(self, case: EndpointCase) -> Iterator[EndpointCase]:
        """The case; nothing is left at its end."""
        yield case
        assert case.left() == []  # noqa: S101  a conformance suite is made of asserts


class TestHalfWay(HalfWaySuite):
    """The same double, with faults."""

    @pytest.fixture
    def case(self, case: EndpointCase) -> EndpointCase:
        """The case."""
        return case
