"""`windlass.exceptions`: our errors under the names that MLflow's users catch."""

from __future__ import annotations

from windlass.errors import WindlassError

MlflowException = RestException = WindlassError

__all__ = ["MlflowException", "RestException", "WindlassError"]
