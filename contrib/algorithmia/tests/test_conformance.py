"""The conformance suite, run on our own target."""

from __future__ import annotations

from windlass_algorithmia.conformance import TestAlgorithmiaTarget, case, double

__all__ = ["TestAlgorithmiaTarget", "case", "double"]
