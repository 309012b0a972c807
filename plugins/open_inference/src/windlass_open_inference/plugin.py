"""What this distribution plugs in. Cheap: it imports nothing of the rest."""

from __future__ import annotations

from windlass import Kind, Provider, hookimpl


@hookimpl
def windlass_providers() -> list[Provider]:
    """Deployments on MLServer and on Triton."""
    return [
        Provider(
            Kind.DEPLOYMENT_TARGET,
            ("mlserver",),
            "windlass_open_inference.mlserver.target:MLServerTarget",
            "Models in the repository of an MLServer.",
            suite="windlass_open_inference.conformance:TestMLServerTarget",
        ),
        Provider(
            Kind.DEPLOYMENT_TARGET,
            ("triton",),
            "windlass_open_inference.triton.target:TritonTarget",
            "Models on a Triton Inference Server.",
            suite="windlass_open_inference.conformance:TestTritonTarget",
        ),
    ]
