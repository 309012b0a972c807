"""What this distribution plugs in. Cheap: it imports nothing of the rest."""

from __future__ import annotations

from windlass.plugins import Kind, Provider, hookimpl


@hookimpl
def windlass_providers() -> list[Provider]:
    """Projects on Spark."""
    return [
        Provider(
            Kind.PROJECT_BACKEND,
            ("spark",),
            "windlass_spark.backend:SparkProjectBackend",
            "Apache Spark, through spark-submit.",
            suite="windlass_spark.conformance:TestSparkProjectBackend",
            install="windlass-spark",
        ),
    ]
