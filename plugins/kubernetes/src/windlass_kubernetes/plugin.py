"""What this distribution plugs in. Cheap: it imports nothing of the rest."""

from __future__ import annotations

from windlass import Kind, Provider, hookimpl


@hookimpl
def windlass_providers() -> list[Provider]:
    """Deployments and projects on Kubernetes."""
    return [
        Provider(
            Kind.DEPLOYMENT_TARGET,
            ("kubernetes",),
            "windlass_kubernetes.serving.target:KubernetesTarget",
            "Deployments of Kubernetes, with rolling updates.",
            suite="windlass_kubernetes.conformance:TestKubernetesTarget",
            install="windlass[kubernetes]",
        ),
        Provider(
            Kind.DEPLOYMENT_TARGET,
            ("kserve",),
            "windlass_kubernetes.kserve.target:KServeTarget",
            "InferenceServices of KServe, with canaries.",
            suite="windlass_kubernetes.conformance:TestKServeTarget",
            install="windlass[kubernetes]",
        ),
        Provider(
            Kind.PROJECT_BACKEND,
            ("kubernetes",),
            "windlass_kubernetes.projects.backend:KubernetesProjectBackend",
            "Jobs of Kubernetes.",
            suite="windlass_kubernetes.conformance:TestKubernetesProjectBackend",
            install="windlass[kubernetes]",
        ),
    ]
