"""The conformance suite of the target, for `windlass plugins check` and our own tests, on a double of Algorithmia."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from windlass.config import Settings
from windlass.testing.deployment_target import DeploymentTargetSuite
from windlass_algorithmia.target import AlgorithmiaTarget
from windlass_algorithmia.testing.double import KEY, USER, AlgorithmiaDouble
from windlass_rest.testing.cases import EndpointCase, make_case


@pytest.fixture
def double(tmp_path: Path) -> Iterator[AlgorithmiaDouble]:
    """A cluster."""
    with AlgorithmiaDouble(tmp_path / "cluster") as made:
        yield made


def opened(double: AlgorithmiaDouble, *, key: str = KEY, target: str = "algorithmia") -> AlgorithmiaTarget:
    """The target on a double, as another program sees it."""
    settings = Settings(
        algorithmia_api=double.url,
        algorithmia_api_key=key,
        algorithmia_username=USER,
        algorithmia_git_endpoint=double.url,
        algorithmia_environment="env-311",
    )
    return AlgorithmiaTarget.open(target, settings)


@pytest.fixture
def case(double: AlgorithmiaDouble, tmp_path: Path) -> EndpointCase:
    """The target with its models."""
    config = {"timeout": "20", "request_timeout": "20"}
    return make_case(tmp_path, lambda: opened(double), double, left=double.left, config=config)


class TestAlgorithmiaTarget(DeploymentTargetSuite):
    """A double that runs the source that it is given."""

    @pytest.fixture
    def case(self, case: EndpointCase) -> Iterator[EndpointCase]:
        """The case; nothing is left at its end."""
        yield case
        assert case.left() == []  # noqa: S101  a conformance suite is made of asserts
