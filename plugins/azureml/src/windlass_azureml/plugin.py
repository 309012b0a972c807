"""What this distribution plugs in. Cheap: it imports nothing of the rest."""

from __future__ import annotations

from windlass import Kind, Provider, hookimpl


@hookimpl
def windlass_providers() -> list[Provider]:
    """Deployments on Azure Machine Learning."""
    return [
        Provider(
            Kind.DEPLOYMENT_TARGET,
            ("azureml",),
            "windlass_azureml.target:AzureMLTarget",
            "Managed online endpoints of Azure Machine Learning.",
            suite="windlass_azureml.conformance:TestAzureMLTarget",
        )
    ]
