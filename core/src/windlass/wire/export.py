"""The requests for exports."""

from __future__ import annotations

from windlass.entities import TableFormat, ViewType
from windlass.wire.message import WINDLASS, Id, Message, message


@message("GET", "/runs/export", family=WINDLASS)
class ExportRuns(Message):
    """Asks for a table of runs; `select` names the metrics, params and tags that become columns, all without it."""

    experiment_ids: tuple[Id, ...]
    filter: str | None = None
    run_view_type: ViewType = ViewType.ACTIVE_ONLY
    select: tuple[str, ...] = ()
    format: TableFormat = TableFormat.ARROW


@message("GET", "/metrics/export", family=WINDLASS)
class ExportMetrics(Message):
    """Asks for a table of all points of metrics of runs; `select` names metrics, all of them without it."""

    experiment_ids: tuple[Id, ...]
    filter: str | None = None
    run_view_type: ViewType = ViewType.ACTIVE_ONLY
    select: tuple[str, ...] = ()
    format: TableFormat = TableFormat.ARROW
