"""The conformance suite, run on our own target."""

from __future__ import annotations

from windlass_redisai.conformance import TestRedisAITarget, case, double

__all__ = ["TestRedisAITarget", "case", "double"]
