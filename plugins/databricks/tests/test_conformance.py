"""The conformance suite, run on our own target."""

from __future__ import annotations

from windlass_databricks.conformance import TestDatabricksTarget, TestHalfWay, case, double

__all__ = ["TestDatabricksTarget", "TestHalfWay", "case", "double"]
