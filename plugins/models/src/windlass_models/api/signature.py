"""`windlass.models.signature`."""

from __future__ import annotations

from windlass_models.describing import set_signature
from windlass_models.inference import infer_signature
from windlass_models.signature import ModelSignature

__all__ = ["ModelSignature", "infer_signature", "set_signature"]
