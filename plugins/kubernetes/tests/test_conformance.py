"""The conformance suites, run on our double of an API server, and on a real cluster where there is one."""

from __future__ import annotations

import pytest

from windlass_kubernetes.conformance import TestKServeTarget, TestKubernetesProjectBackend, TestKubernetesTarget, place

pytestmark = pytest.mark.timeout(600)  # pods start slowly on a busy machine
__all__ = ["TestKServeTarget", "TestKubernetesProjectBackend", "TestKubernetesTarget", "place"]


class TestKubernetesTargetOnDouble(TestKubernetesTarget):
    @pytest.fixture
    def place(self, double):
        yield double.place
        assert double.left() == []


class TestKubernetesProjectBackendOnDouble(TestKubernetesProjectBackend):
    @pytest.fixture
    def place(self, double):
        return double.place


class TestKServeTargetOnDouble(TestKServeTarget):
    @pytest.fixture
    def place(self, double):
        yield double.place
        assert double.left() == []

    @pytest.fixture
    def ingress(self, double):
        return double.url
