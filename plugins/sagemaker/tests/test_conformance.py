"""The conformance suite, run on our own target."""

from __future__ import annotations

import pytest

from windlass_sagemaker.conformance import TestSageMakerTarget, account

__all__ = ["TestSageMakerTarget", "account"]

# Containers start slowly on a busy machine.
pytestmark = pytest.mark.timeout(600)
