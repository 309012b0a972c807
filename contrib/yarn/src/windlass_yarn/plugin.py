"""What this distribution plugs in. Cheap: it imports nothing of the rest."""

from __future__ import annotations

from windlass.plugins import Kind, Provider, hookimpl


@hookimpl
def windlass_providers() -> list[Provider]:
    """Projects on a YARN cluster."""
    return [
        Provider(
            Kind.PROJECT_BACKEND,
            ("yarn",),
            "windlass_yarn.backend:YarnProjectBackend",
            "Applications of Hadoop YARN.",
            suite="windlass_yarn.conformance:TestYarnProjectBackend",
        )
    ]
