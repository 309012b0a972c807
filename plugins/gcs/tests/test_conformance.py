"""The repository passes the suite of its interface; the same class ships in the wheel."""

from __future__ import annotations

from windlass_gcs.conformance import TestGcsArtifactRepository, gcs_bucket, gcs_settings

__all__ = ["TestGcsArtifactRepository", "gcs_bucket", "gcs_settings"]
