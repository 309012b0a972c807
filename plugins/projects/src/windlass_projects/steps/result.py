"""StepResult: what a step that has succeeded leaves to those after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from windlass_projects.digests import digest_of_text
from windlass_projects.reference import result_name


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """The run that did the step; `reused` if that was an earlier one. `outputs` are the digests of its files."""

    run_id: str
    artifact_uri: str
    reused: bool
    outputs: Mapping[str, str] = field(default_factory=dict)

    @property
    def identity(self) -> str:
        """What a later step depends on: the contents of the outputs, or the run of a step that declares none."""
        return digest_of_text(str(sorted(self.outputs.items()))) if self.outputs else self.run_id


def known_values(values: Mapping[str, str], results: Mapping[str, StepResult]) -> dict[str, str]:
    """What the texts of a step may refer to: the values of the whole and the results of the steps before."""
    known = dict(values)
    for step, result in results.items():
        known[result_name(step, "run_id")] = result.run_id
        known[result_name(step, "artifact_uri")] = result.artifact_uri
    return known
