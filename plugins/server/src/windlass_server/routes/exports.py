"""Tables of runs and of their metrics' points, for programs that analyse many at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar

from windlass.entities import TableFormat
from windlass.errors import MissingDependency, Unsupported
from windlass.services.run_export import RunExport
from windlass.services.workspace import Workspace
from windlass.wire.export import ExportMetrics, ExportRuns
from windlass_server.endpoint import Endpoints
from windlass_server.streams import FileAnswer

exports = Endpoints("exports")


class TableAnswer(FileAnswer):
    """A table as a file."""

    media_types: ClassVar[tuple[str, ...]] = tuple(one.media_type for one in TableFormat)


@exports.add
def export_runs(workspace: Workspace, request: ExportRuns) -> TableAnswer:
    """All runs that match, a row each."""
    return _answer(_export(workspace, request).runs, request.format, "runs")


@exports.add
def export_metrics(workspace: Workspace, request: ExportMetrics) -> TableAnswer:
    """All points of the metrics of the runs that match, a row each."""
    return _answer(_export(workspace, request).histories, request.format, "metrics")


def _export(workspace: Workspace, request: ExportRuns | ExportMetrics) -> RunExport:
    return RunExport(
        workspace.runs,
        request.experiment_ids,
        filter=request.filter or "",
        view=request.run_view_type,
        select=request.select,
    )


def _answer(write: Callable[[TableFormat], Iterator[bytes]], file_format: TableFormat, name: str) -> TableAnswer:
    try:
        return TableAnswer(write(file_format), file_format.media_type, f"{name}.{file_format}")
    except MissingDependency as error:
        hint = "whoever runs it: pip install 'windlass-server[arrow]'"
        raise Unsupported("this server cannot write tables: pyarrow is not installed", hint=hint) from error
