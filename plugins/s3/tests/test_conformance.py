"""The repository passes the suite of its interface; the same class ships in the wheel."""

from __future__ import annotations

from windlass_s3.conformance import TestS3ArtifactRepository, s3_bucket, s3_settings

__all__ = ["TestS3ArtifactRepository", "s3_bucket", "s3_settings"]
