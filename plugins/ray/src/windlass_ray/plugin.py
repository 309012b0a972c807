"""What this distribution plugs in. Cheap: it imports nothing of the rest."""

from __future__ import annotations

from windlass.plugins import Kind, Provider, hookimpl


@hookimpl
def windlass_providers() -> list[Provider]:
    """Projects and deployments on a Ray cluster."""
    return [
        Provider(
            Kind.PROJECT_BACKEND,
            ("ray",),
            "windlass_ray.jobs.backend:RayProjectBackend",
            "Jobs of a Ray cluster.",
            suite="windlass_ray.conformance:TestRayProjectBackend",
        ),
        Provider(
            Kind.DEPLOYMENT_TARGET,
            ("ray",),
            "windlass_ray.serve.target:RayDeploymentTarget",
            "Applications of Ray Serve.",
            suite="windlass_ray.conformance:TestRayDeploymentTarget",
        ),
    ]
