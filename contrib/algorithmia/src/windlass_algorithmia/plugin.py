"""What this distribution plugs in. Cheap: it imports nothing of the rest."""

from __future__ import annotations

from windlass import Kind, Provider, hookimpl


@hookimpl
def windlass_providers() -> list[Provider]:
    """Deployments on Algorithmia."""
    return [
        Provider(
            Kind.DEPLOYMENT_TARGET,
            ("algorithmia",),
            "windlass_algorithmia.target:AlgorithmiaTarget",
            "Algorithms of an Algorithmia Enterprise.",
            suite="windlass_algorithmia.conformance:TestAlgorithmiaTarget",
            install="windlass-algorithmia",
        )
    ]
