"""The conformance suites, run on our own flavors."""

from __future__ import annotations

from windlass_models.conformance import TestPyFuncFlavor, TestSklearnFlavor

__all__ = ["TestPyFuncFlavor", "TestSklearnFlavor"]
