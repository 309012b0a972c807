"""Data sets over HTTP."""

from __future__ import annotations

from typing import cast

from windlass.entities import DatasetInput
from windlass.errors import InvalidValue
from windlass.services.paging import every
from windlass.services.workspace import Workspace
from windlass.wire import dataset as wire
from windlass.wire.scalars import present
from windlass_server.endpoint import Endpoints

datasets = Endpoints("datasets")

_MAX_EXPERIMENTS = 20
_CONTEXT = "mlflow.data.context"


@datasets.add
def search_datasets(workspace: Workspace, request: wire.SearchDatasets) -> wire.DatasetSummariesAnswer:
    """Each data set that a run of these experiments used, once."""
    ids = request.experiment_ids
    if not 1 <= len(ids) <= _MAX_EXPERIMENTS:
        raise InvalidValue("experiment_ids", list(ids), f"names {len(ids)}", limit=f"1 … {_MAX_EXPERIMENTS}")
    found: dict[tuple[str, ...], wire.DatasetSummaryJson] = {}
    for run in every(lambda token: workspace.runs.search(ids, page_token=token)):
        for one in run.inputs.dataset_inputs:
            summary = _summary(run.info.experiment_id, one)
            found[tuple(str(value) for value in summary.values())] = summary
    return {"dataset_summaries": list(found.values())} if found else {}


def _summary(experiment_id: str, one: DatasetInput) -> wire.DatasetSummaryJson:
    summary = {
        "experiment_id": experiment_id,
        "name": one.dataset.name,
        "digest": one.dataset.digest,
        "context": one.tags.get(_CONTEXT),
    }
    return cast(wire.DatasetSummaryJson, present(summary))
