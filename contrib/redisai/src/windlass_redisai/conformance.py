"""The conformance suite of the target, for `windlass plugins check` and our own tests, on a double of RedisAI."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from windlass.config import Settings
from windlass.testing.deployment_target import DeploymentTargetSuite, TargetCase
from windlass_redisai.target import RedisAITarget
from windlass_redisai.testing.double import RedisDouble
from windlass_redisai.testing.models import save_times


@pytest.fixture
def double() -> Iterator[RedisDouble]:
    """A Redis."""
    with RedisDouble() as made:
        yield made


@pytest.fixture
def case(double: RedisDouble, tmp_path: Path) -> TargetCase:
    """The target with its models."""
    target = f"redisai:/127.0.0.1:{double.port}/0"
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "MLmodel").write_text("flavors: {onnx: {data: model.onnx}}\n", encoding="utf-8")
    (tmp_path / "broken" / "model.onnx").write_bytes(b"nothing")
    return TargetCase(
        target=RedisAITarget.open(target, Settings()),
        reopen=lambda: RedisAITarget.open(target, Settings()),
        first=save_times(tmp_path / "first", 2.0),
        second=save_times(tmp_path / "second", 3.0),
        broken=tmp_path / "broken",
        payload={"inputs": [1.5, 2.25]},
        first_answer={"predictions": [3.0, 4.5]},
        second_answer={"predictions": [4.5, 6.75]},
    )


class TestRedisAITarget(DeploymentTargetSuite):
    """A double that runs ONNX files."""

    @pytest.fixture
    def case(self, case: TargetCase, double: RedisDouble) -> Iterator[TargetCase]:
        """The case; nothing is left at its end."""
        yield case
        assert (double.models, double.tensors) == ({}, {})  # noqa: S101  a conformance suite is made of asserts
