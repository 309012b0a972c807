"""Evidence: what a run says of itself, to run it again and to compare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from windlass.entities import Run
from windlass.services.run_artifacts import RunArtifacts
from windlass.services.runs import PARENT_TAG
from windlass.services.workspace import Workspace
from windlass_projects.errors import CannotReproduce
from windlass_projects.reproduction.record import RECORD_FILE, Record
from windlass_projects.reproduction.recording import UNRECORDED_TAG
from windlass_projects.steps.earlier import STEP_TAG

_STEPS = "windlass.steps."
_REUSED = ".reused"
_HINT = "runs that `windlass run` starts record what is needed"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The metrics of a run, those of its steps among them, and the digests of what it has read."""

    metrics: Mapping[str, float]
    inputs: Mapping[str, str]

    def other_inputs(self, again: Evidence) -> Iterator[str]:
        """A sentence on each input that is another one in the other run."""
        for name, digest in self.inputs.items():
            if name not in again.inputs:
                yield f"{name} was not read again"
            elif again.inputs[name] != digest:
                yield f"{name} had the digest {digest} and has {again.inputs[name]}"
        for name in again.inputs.keys() - self.inputs.keys():
            yield f"{name} was not read by the original"


def recorded(workspace: Workspace, run: Run, *, has_steps: bool) -> Evidence:
    """What there is to compare of a run of a project."""
    metrics, inputs = dict(run.data.metrics), _datasets(run)
    inputs |= {f"the input {one.name}": one.digest for one in read_record(workspace, run).inputs}
    for step, run_id in steps_of(run).items() if has_steps else ():
        done = workspace.runs.get(run_id)
        metrics |= {f"{step} {name}": value for name, value in done.data.metrics.items()}
        inputs |= {f"{name} of step {step}": digest for name, digest in _datasets(done).items()}
    return Evidence(metrics, inputs)


def steps_of(run: Run) -> dict[str, str]:
    """The run of each step of a whole."""
    named = {key.removeprefix(_STEPS): value for key, value in run.data.tags.items() if key.startswith(_STEPS)}
    return {name: run_id for name, run_id in named.items() if not name.endswith(_REUSED)}


def read_record(workspace: Workspace, run: Run) -> Record:
    """The record of a run; CannotReproduce says what there is instead."""
    tags, run_id = run.data.tags, run.info.run_id
    if step := tags.get(STEP_TAG):
        whole = tags.get(PARENT_TAG, "")
        hint = f"windlass reproduce {whole}"
        raise CannotReproduce(f"run {run_id} is the step {step} of run {whole}, which is reproduced whole", hint=hint)
    with RunArtifacts(workspace, run_id).fetched_or_none(RECORD_FILE) as file:
        if file is not None:
            return Record.parse(file.read_text(encoding="utf-8"))
    raise CannotReproduce(f"run {run_id} cannot be run again: {_without_record(run)}", hint=_HINT)


def _without_record(run: Run) -> str:
    """What is missing to run something again that has no record."""
    tags = run.data.tags
    if UNRECORDED_TAG in tags:
        return tags[UNRECORDED_TAG]
    missing = []
    if tags.get("mlflow.source.type") != "PROJECT":
        missing.append(f"it was made by {tags.get('mlflow.source.name') or 'an unknown program'}, not by a project")
    if "mlflow.source.git.commit" not in tags:
        missing.append("no commit is recorded")
    if "mlflow.project.entryPoint" not in tags:
        missing.append("nor is a command with its parameters" if missing else "no command is recorded")
    missing.append(f"there is no {RECORD_FILE}, which would hold uncommitted changes, parameters and inputs")
    return "; ".join(missing)


def _datasets(run: Run) -> dict[str, str]:
    return {f"the data set {one.dataset.name}": one.dataset.digest for one in run.inputs.dataset_inputs}
