"""The conformance suite, run on our own target."""

from __future__ import annotations

from windlass_azureml.conformance import TestAzureMLTarget, TestHalfWay, case, double

__all__ = ["TestAzureMLTarget", "TestHalfWay", "case", "double"]
