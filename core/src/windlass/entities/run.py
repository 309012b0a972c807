"""Run: one execution of training code and everything it logged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from windlass.entities.dataset import DatasetInput
from windlass.entities.lifecycle import LifecycleStage, RunStatus
from windlass.entities.metric import Metric


@dataclass(frozen=True, slots=True)
class RunInfo:
    """Who, when and where; times are epoch milliseconds UTC."""

    run_id: str
    experiment_id: str
    run_name: str
    user_id: str
    status: str = RunStatus.RUNNING
    start_time: int = 0
    end_time: int | None = None
    artifact_uri: str = ""
    lifecycle_stage: str = LifecycleStage.ACTIVE

    @property
    def run_uuid(self) -> str:
        """The run id, by its older name."""
        return self.run_id


@dataclass(frozen=True, slots=True)
class RunData:
    """What the run logged; of each metric only the latest point, `RunStore.metric_history` has the rest."""

    latest_metrics: tuple[Metric, ...] = ()
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def metrics(self) -> dict[str, float]:
        """The latest value of each metric."""
        return {metric.key: metric.value for metric in self.latest_metrics}


@dataclass(frozen=True, slots=True)
class ModelInput:
    """A logged model that the run read."""

    model_id: str


@dataclass(frozen=True, slots=True)
class ModelOutput:
    """A logged model that the run wrote, at a step."""

    model_id: str
    step: int = 0


@dataclass(frozen=True, slots=True)
class RunInputs:
    """What the run read."""

    dataset_inputs: tuple[DatasetInput, ...] = ()
    model_inputs: tuple[ModelInput, ...] = ()


@dataclass(frozen=True, slots=True)
class RunOutputs:
    """What the run wrote."""

    model_outputs: tuple[ModelOutput, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of training code."""

    info: RunInfo
    data: RunData = field(default_factory=RunData)
    inputs: RunInputs = field(default_factory=RunInputs)
    outputs: RunOutputs = field(default_factory=RunOutputs)
