"""The suites of the interfaces on a real Docker API."""

from __future__ import annotations

from windlass_docker.conformance import TestDockerProjectBackend, TestDockerTarget

__all__ = ["TestDockerProjectBackend", "TestDockerTarget"]
