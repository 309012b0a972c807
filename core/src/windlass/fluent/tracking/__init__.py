"""`windlass.tracking`: the client and the URIs, by their older home."""

from __future__ import annotations

from windlass.fluent.client import MlflowClient
from windlass.fluent.state import (
    get_registry_uri,
    get_tracking_uri,
    is_tracking_uri_set,
    set_registry_uri,
    set_tracking_uri,
)

__all__ = [
    "MlflowClient",
    "get_registry_uri",
    "get_tracking_uri",
    "is_tracking_uri_set",
    "set_registry_uri",
    "set_tracking_uri",
]
