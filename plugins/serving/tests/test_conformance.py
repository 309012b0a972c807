"""The conformance suite, run on our own target."""

from __future__ import annotations

from windlass_serving.conformance import TestLocalDeploymentTarget

__all__ = ["TestLocalDeploymentTarget"]
