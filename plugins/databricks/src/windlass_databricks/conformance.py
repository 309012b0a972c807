"""The conformance suites of the target, for `windlass plugins check` and our own tests, on a double of Databricks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from windlass.config import Settings
from windlass.testing.deployment_target import DeploymentTargetSuite
from windlass_databricks.target import DatabricksTarget
from windlass_databricks.testing.double import TOKEN, DatabricksDouble
from windlass_rest.testing.cases import EndpointCase, HalfWaySuite, make_case


@pytest.fixture
def double(tmp_path: Path) -> Iterator[DatabricksDouble]:
    """A workspace."""
    with DatabricksDouble(tmp_path / "storage") as made:
        yield made


def opened(double: DatabricksDouble) -> DatabricksTarget:
    """The target on a double, as another program sees it."""
    return DatabricksTarget.open("databricks", Settings(databricks_host=double.url, databricks_token=TOKEN))


@pytest.fixture
def case(double: DatabricksDouble, tmp_path: Path) -> EndpointCase:
    """The target with its models."""
    config = {"model_name": "main.ml.m", "timeout": "20", "request_timeout": "10"}
    return make_case(tmp_path, lambda: opened(double), double, left=double.left, config=config)


class TestDatabricksTarget(DeploymentTargetSuite):
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
