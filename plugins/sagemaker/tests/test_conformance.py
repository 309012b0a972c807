"""The conformance suite, run on our own target."""

from __future__ import annotations

from windlass_sagemaker.conformance import TestSageMakerTarget, account

__all__ = ["TestSageMakerTarget", "account"]
