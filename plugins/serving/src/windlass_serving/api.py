"""`windlass.serving`: the scoring server's application, for those who bring a server of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from windlass_serving.app import ScoringApp, ServingOptions
from windlass_serving.server import load_model

__all__ = ["scoring_app"]


def scoring_app(model_uri: str | Path, *, timeout: float = 60.0) -> Any:
    """Load the model at any URI or path; the ASGI application that answers with its predictions.

    `timeout` is seconds for one prediction.
    """
    return ScoringApp(load_model(str(model_uri)), ServingOptions(timeout=timeout)).starlette()
