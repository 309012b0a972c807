"""The conformance suites, run on our own targets."""

from __future__ import annotations

from windlass_open_inference.conformance import TestMLServerTarget, TestTritonTarget

__all__ = ["TestMLServerTarget", "TestTritonTarget"]
