"""Earlier runs of a step: what they leave on themselves, and finding one that can be used again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from windlass.entities import Run
from windlass.search import quote_value
from windlass.services.workspace import Workspace
from windlass_projects.steps.fingerprint import Fingerprint

STEP_TAG = "windlass.step.name"
KEY_TAG = "windlass.step.key"
_PARTS_TAG = "windlass.step.fingerprint"
_OUTPUTS_TAG = "windlass.step.outputs"


@dataclass(frozen=True, slots=True)
class EarlierRuns:
    """The runs of steps in an experiment."""

    workspace: Workspace
    experiment_id: str

    def equal(self, fingerprint: Fingerprint) -> Run | None:
        """The latest run with the same fingerprint that succeeded."""
        return self._latest(KEY_TAG, fingerprint.key)

    def difference(self, step: str, fingerprint: Fingerprint) -> str | None:
        """What has changed since the step last succeeded, in words; None if it never has."""
        run = self._latest(STEP_TAG, step)
        return None if run is None else fingerprint.difference(run.data.tags.get(_PARTS_TAG))

    def complete(self, run_id: str, fingerprint: Fingerprint, outputs: Mapping[str, str]) -> None:
        """Mark a run as one that can be used again."""
        marks = {KEY_TAG: fingerprint.key, _PARTS_TAG: fingerprint.text, _OUTPUTS_TAG: json.dumps(outputs)}
        self.workspace.runs.log(run_id, tags=marks)

    def _latest(self, tag: str, value: str) -> Run | None:
        done = f"attributes.status = 'FINISHED' AND tags.`{tag}` = {quote_value(value)} AND tags.`{KEY_TAG}` != ''"
        page = self.workspace.runs.search(
            [self.experiment_id], filter=done, order_by=["attributes.start_time DESC"], max_results=1
        )
        return next(iter(page), None)


def outputs_of(run: Run) -> dict[str, str]:
    """The digests of what a step's run has written."""
    outputs: dict[str, str] = json.loads(run.data.tags.get(_OUTPUTS_TAG, "{}"))
    return outputs
