"""What this distribution plugs in. Cheap: it imports nothing of the rest."""

from __future__ import annotations

from windlass import Kind, Provider, hookimpl


@hookimpl
def windlass_providers() -> list[Provider]:
    """Deployments on TorchServe."""
    return [
        Provider(
            Kind.DEPLOYMENT_TARGET,
            ("torchserve",),
            "windlass_torchserve.target:TorchServeTarget",
            "Models on a TorchServe.",
            suite="windlass_torchserve.conformance:TestTorchServeTarget",
        )
    ]
