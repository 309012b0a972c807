"""The conformance suites, run on a real cluster."""

from __future__ import annotations

from windlass_ray.conformance import TestRayDeploymentTarget, TestRayProjectBackend

__all__ = ["TestRayDeploymentTarget", "TestRayProjectBackend"]
