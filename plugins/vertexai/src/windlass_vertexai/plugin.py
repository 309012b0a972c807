"""What this distribution plugs in. Cheap: it imports nothing of the rest."""

from __future__ import annotations

from windlass import Kind, Provider, hookimpl


@hookimpl
def windlass_providers() -> list[Provider]:
    """Deployments on Vertex AI."""
    return [
        Provider(
            Kind.DEPLOYMENT_TARGET,
            ("vertexai",),
            "windlass_vertexai.target:VertexAITarget",
            "Endpoints of Vertex AI.",
            suite="windlass_vertexai.conformance:TestVertexAITarget",
        )
    ]
