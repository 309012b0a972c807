"""The suite of the interface on a real HDFS, over HTTP."""

from __future__ import annotations

from windlass_hdfs.conformance import TestWebHdfsArtifactRepository

__all__ = ["TestWebHdfsArtifactRepository"]
