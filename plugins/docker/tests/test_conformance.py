"""The suites of the interfaces on a real Docker API."""

from __future__ import annotations

import pytest

from windlass_docker.conformance import TestDockerProjectBackend
from windlass_docker.conformance import TestDockerTarget as _TestDockerTarget

__all__ = ["TestDockerProjectBackend", "TestDockerTarget"]
# Every test starts servers.
TestDockerTarget = pytest.mark.slow(_TestDockerTarget)
