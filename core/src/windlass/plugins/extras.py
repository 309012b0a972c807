"""Extras: what to install for providers that the distribution `windlass` does not bring by itself."""

from __future__ import annotations

from windlass.plugins.provider import Kind

_STORES: dict[str, tuple[str, ...]] = {"elasticsearch": ("elasticsearch",)}

EXTRAS: dict[Kind, dict[str, tuple[str, ...]]] = {
    Kind.TRACKING_STORE: _STORES,
    Kind.MODEL_REGISTRY: _STORES,
    Kind.RECORD_STORE: _STORES,
    Kind.ARTIFACT_REPOSITORY: {
        "azure": ("abfs", "abfss", "az", "wasb", "wasbs"),
        "gcs": ("gs",),
        "hdfs": ("hdfs", "swebhdfs", "viewfs", "webhdfs"),
        "s3": ("s3", "s3a"),
        "sftp": ("sftp",),
    },
    Kind.DEPLOYMENT_TARGET: {
        "azureml": ("azureml",),
        "databricks": ("databricks",),
        "docker": ("docker",),
        "kubernetes": ("kserve", "kubernetes"),
        "open-inference": ("mlserver", "triton"),
        "ray": ("ray",),
        "sagemaker": ("sagemaker",),
        "torchserve": ("torchserve",),
        "vertexai": ("vertexai",),
    },
    Kind.PROJECT_BACKEND: {"docker": ("docker",), "kubernetes": ("kubernetes",), "ray": ("ray",), "spark": ("spark",)},
}
"""The names that the plugin of each extra provides, by kind."""


def extra_for(kind: Kind, name: str) -> str | None:
    """The extra that brings the provider of this kind and name; None if we know of none."""
    return next((extra for extra, names in EXTRAS.get(kind, {}).items() if name in names), None)
