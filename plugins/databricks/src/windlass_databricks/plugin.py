"""What this distribution plugs in. Cheap: it imports nothing of the rest."""

from __future__ import annotations

from windlass import Kind, Provider, hookimpl


@hookimpl
def windlass_providers() -> list[Provider]:
    """Deployments on Databricks."""
    return [
        Provider(
            Kind.DEPLOYMENT_TARGET,
            ("databricks",),
            "windlass_databricks.target:DatabricksTarget",
            "Serving endpoints of a Databricks workspace.",
            suite="windlass_databricks.conformance:TestDatabricksTarget",
        )
    ]
