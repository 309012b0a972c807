"""What this distribution plugs in. Cheap: it imports nothing of the rest."""

from __future__ import annotations

from windlass import Provider, hookimpl


@hookimpl
def windlass_providers() -> list[Provider]:
    """Nothing yet."""
    return []
