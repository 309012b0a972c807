"""`windlass.models.model`."""

from __future__ import annotations

from windlass_models.describing import get_model_info
from windlass_models.mlmodel import Model
from windlass_models.model_info import ModelInfo

__all__ = ["Model", "ModelInfo", "get_model_info"]
