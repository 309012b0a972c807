"""The conformance suite of the local target, for `windlass plugins check` and our own tests."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from windlass.config import Settings
from windlass.testing.deployment_target import DeploymentTargetSuite, TargetCase
from windlass_serving.local import LocalDeploymentTarget


def times_two(model_input: list[float]) -> list[float]:
    """A model."""
    return [2 * value for value in model_input]


def times_three(model_input: list[float]) -> list[float]:
    """Another model."""
    return [3 * value for value in model_input]


class TestLocalDeploymentTarget(DeploymentTargetSuite):
    """Real processes on this machine."""

    @pytest.fixture
    def models(self, tmp_path: Path) -> Path:
        """The directories `first`, `second` and `broken`."""
        root = tmp_path
        pyfunc = importlib.import_module("windlass.pyfunc")
        pyfunc.save_model(root / "first", python_model=times_two)
        pyfunc.save_model(root / "second", python_model=times_three)
        broken = root / "broken"
        broken.mkdir()
        (broken / "MLmodel").write_text("flavors: {}\n", encoding="utf-8")
        return root

    @pytest.fixture
    def case(self, models: Path, tmp_path: Path) -> TargetCase:
        """A target in a project of its own."""
        settings = Settings(home=tmp_path / "home")
        return TargetCase(
            target=LocalDeploymentTarget.open("local", settings),
            reopen=lambda: LocalDeploymentTarget.open("local:/", settings),
            first=models / "first",
            second=models / "second",
            broken=models / "broken",
            payload={"inputs": [1.5, 2.25]},
            first_answer={"predictions": [3.0, 4.5]},
            second_answer={"predictions": [4.5, 6.75]},
        )
