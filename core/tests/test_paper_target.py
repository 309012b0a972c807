"""The target of paper passes the suite of all targets, every ability included."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from windlass.config import Settings
from windlass.testing.deployment_target import DeploymentTargetSuite, TargetCase
from windlass.testing.paper_target import PAPERS, PaperTarget


class TestPaperTarget(DeploymentTargetSuite):
    """On a fresh paper."""

    @pytest.fixture
    def case(self, tmp_path: Path) -> TargetCase:
        PAPERS.clear()
        for name, answer in (("first", "1"), ("second", "2"), ("broken", "{")):
            (tmp_path / name).mkdir()
            (tmp_path / name / "answer.json").write_text(answer)
        return TargetCase(
            target=PaperTarget.open("paper", Settings()),
            reopen=lambda: PaperTarget.open("paper", Settings()),
            first=tmp_path / "first",
            second=tmp_path / "second",
            broken=tmp_path / "broken",
            payload={"inputs": [1]},
            first_answer=json.loads("1"),
            second_answer=2,
        )
