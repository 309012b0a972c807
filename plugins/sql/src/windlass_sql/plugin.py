"""What this distribution plugs in. Cheap: it imports nothing of the rest."""

from __future__ import annotations

from windlass import Kind, Provider, hookimpl

_SCHEMES = ("sqlite", "postgresql", "mysql", "mssql")


@hookimpl
def windlass_providers() -> list[Provider]:
    """A tracking store, a model registry and records in a SQL database."""
    return [
        Provider(
            Kind.TRACKING_STORE,
            _SCHEMES,
            "windlass_sql.tracking:SqlTrackingStore",
            "Runs in a SQL database.",
            suite="windlass_sql.conformance:TestSqlTrackingStore",
            install="windlass-sql",
        ),
        Provider(
            Kind.MODEL_REGISTRY,
            _SCHEMES,
            "windlass_sql.registry:SqlModelRegistry",
            "Registered models in a SQL database.",
            suite="windlass_sql.conformance:TestSqlModelRegistry",
            install="windlass-sql",
        ),
        Provider(
            Kind.RECORD_STORE,
            _SCHEMES,
            "windlass_sql.records:SqlRecordStore",
            "What the platform itself remembers, in a SQL database.",
            suite="windlass_sql.conformance:TestSqlRecordStore",
            install="windlass-sql",
        ),
    ]
