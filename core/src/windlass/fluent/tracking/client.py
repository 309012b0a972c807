"""`windlass.tracking.client`: the client by its oldest home."""

from __future__ import annotations

from windlass.fluent.client import MlflowClient

__all__ = ["MlflowClient"]
