"""What this distribution plugs in. Cheap: it imports nothing of the rest."""

from __future__ import annotations

from windlass import Kind, Provider, hookimpl


@hookimpl
def windlass_providers() -> list[Provider]:
    """Artifact repositories on HDFS, over HTTP and with Hadoop's own library."""
    return [
        Provider(
            Kind.ARTIFACT_REPOSITORY,
            ("webhdfs", "swebhdfs"),
            "windlass_hdfs.webhdfs:WebHdfsArtifactRepository",
            "Files in HDFS, over HTTP.",
            suite="windlass_hdfs.conformance:TestWebHdfsArtifactRepository",
            install="windlass-hdfs",
        ),
        Provider(
            Kind.ARTIFACT_REPOSITORY,
            ("hdfs", "viewfs"),
            "windlass_hdfs.libhdfs:LibHdfsArtifactRepository",
            "Files in HDFS, with Hadoop's library and a Java runtime.",
            suite="windlass_hdfs.conformance:TestLibHdfsArtifactRepository",
            install="windlass-hdfs[libhdfs]",
        ),
    ]
