"""The conformance suite, run on our own target."""

from __future__ import annotations

from windlass_torchserve.conformance import TestTorchServeTarget

__all__ = ["TestTorchServeTarget"]
