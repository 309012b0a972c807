"""The conformance suite, run on our own target."""

from __future__ import annotations

from windlass_vertexai.conformance import TestHalfWay, TestVertexAITarget, case, double

__all__ = ["TestHalfWay", "TestVertexAITarget", "case", "double"]
