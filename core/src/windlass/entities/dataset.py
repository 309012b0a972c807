"""Dataset: what a run read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Dataset:
    """A data set, identified by name and digest; `source`, `schema` and `profile` are JSON texts."""

    name: str
    digest: str
    source_type: str
    source: str
    schema: str | None = None
    profile: str | None = None


@dataclass(frozen=True, slots=True)
class DatasetInput:
    """A data set as one run used it; the tag `mlflow.data.context` says for what (training, evaluation, …)."""

    dataset: Dataset
    tags: Mapping[str, str] = field(default_factory=dict)
