"""The outermost places where the files of a store are."""

from __future__ import annotations

from collections.abc import Iterable

from windlass.config import Settings
from windlass.entities import Experiment
from windlass.services.garbage.used_files import place_key
from windlass.uri import Uri

PROXIED_ROOT = "mlflow-artifacts:/"


def artifact_roots(settings: Settings, experiments: Iterable[Experiment]) -> list[str]:
    """Where new experiments go, and wherever one of these has its files besides; none lies below another."""
    locations = [one.artifact_location for one in experiments if one.artifact_location]
    known = {place_key(settings.default_artifact_root): settings.default_artifact_root}
    if any(Uri.parse(one).scheme == "mlflow-artifacts" for one in locations):
        known[place_key(PROXIED_ROOT)] = PROXIED_ROOT
    known.update((place_key(one), one) for one in locations if place_key(one) not in known)
    return [uri for key, uri in known.items() if not any(_is_below(key, other) for other in known)]


def _is_below(key: str, other: str) -> bool:
    return key != other and key.startswith(other if other.endswith("/") else f"{other}/")
