"""Exports: all runs that match as one table, and the whole histories of their metrics as another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from windlass.entities import Metric, Run, TableFormat, ViewType
from windlass.errors import InvalidQuery
from windlass.search import Selection, parse_select
from windlass.services.paging import every
from windlass.services.runs import RunService
from windlass.services.table_file import NUMBER, TEXT, TIME, WHOLE, import_pyarrow, table_file

MAX_COLUMNS = 10_000
_PAGE = 1000
_POINTS = 50_000
_ATTRIBUTES: Mapping[str, str] = {
    "run_id": TEXT,
    "experiment_id": TEXT,
    "run_name": TEXT,
    "user_id": TEXT,
    "status": TEXT,
    "start_time": TIME,
    "end_time": TIME,
    "artifact_uri": TEXT,
    "lifecycle_stage": TEXT,
}
_HISTORY: Mapping[str, str] = {"run_id": TEXT, "key": TEXT, "step": WHOLE, "timestamp": TIME, "value": NUMBER}
_EVERYTHING = ("metrics.*", "params.*", "tags.*")


class RunExport:
    """The runs that a search finds, to be written to files.

    `select` names the metrics, params and tags that become columns, all without it; a key that only turns up while the
    file is being written gets none.
    """

    def __init__(
        self,
        runs: RunService,
        experiment_ids: Iterable[str],
        *,
        filter: str = "",  # noqa: A002  what searches call it
        view: ViewType = ViewType.ACTIVE_ONLY,
        select: Sequence[str] = (),
    ) -> None:
        self._runs = runs
        self._experiment_ids = tuple(experiment_ids)
        self._filter = filter
        self._view = view
        self._select = parse_select(select or _EVERYTHING)
        if self._select.inputs or self._select.outputs:
            raise InvalidQuery("select", list(select), "inputs and outputs are no columns of a table")

    def runs(self, file_format: TableFormat) -> Iterator[bytes]:
        """A file with a row for each run: its attributes, then `metrics.KEY`, `params.KEY` and `tags.KEY`."""
        import_pyarrow()
        chosen = self._with_keys()
        columns = {**_ATTRIBUTES, **_key_columns(chosen)}
        batches = (_run_columns(page, columns) for page in _pages(self._search(chosen)))
        return table_file(columns, batches, file_format)

    def histories(self, file_format: TableFormat) -> Iterator[bytes]:
        """A file with a row for each point: `run_id`, `key`, `step`, `timestamp` and `value`."""
        rows = (
            (run.info.run_id, one.key, one.step, one.timestamp, one.value)
            for run in self._search(Selection(metrics=self._select.metrics))
            for latest in run.data.latest_metrics
            for one in self._history(run.info.run_id, latest.key)
        )
        batches = (dict(zip(_HISTORY, zip(*page, strict=True), strict=True)) for page in _pages(rows, _POINTS))
        return table_file(_HISTORY, batches, file_format)

    def _search(self, select: Selection) -> Iterator[Run]:
        return every(
            lambda token: self._runs.search(
                self._experiment_ids,
                filter=self._filter,
                view=self._view,
                max_results=_PAGE,
                page_token=token,
                select=select.names,
            )
        )

    def _history(self, run_id: str, key: str) -> Iterator[Metric]:
        return every(lambda token: self._runs.metric_history(run_id, key, max_results=_POINTS, page_token=token))

    def _with_keys(self) -> Selection:
        """The selection with every key by name, for a table's columns must be known before its first row."""
        chosen = self._select
        if None in {chosen.metrics, chosen.params, chosen.tags}:
            metrics, params, tags = set(chosen.metrics or ()), set(chosen.params or ()), set(chosen.tags or ())
            for run in self._search(chosen):
                metrics |= run.data.metrics.keys()
                params |= run.data.params.keys()
                tags |= run.data.tags.keys()
                _check_count(len(metrics) + len(params) + len(tags))
            chosen = Selection(metrics=frozenset(metrics), params=frozenset(params), tags=frozenset(tags))
        _check_count(len(_key_columns(chosen)))
        return chosen


def _check_count(count: int) -> None:
    if count > MAX_COLUMNS:
        raise InvalidQuery(
            "select", f"{count} metrics, params and tags", "are too many columns", limit=MAX_COLUMNS, hint="name some"
        )


def _key_columns(select: Selection) -> dict[str, str]:
    return {
        **{f"metrics.{key}": NUMBER for key in sorted(select.metrics or ())},
        **{f"params.{key}": TEXT for key in sorted(select.params or ())},
        **{f"tags.{key}": TEXT for key in sorted(select.tags or ())},
    }


def _run_columns(runs: Sequence[Run], columns: Mapping[str, str]) -> dict[str, list[Any]]:
    values: Mapping[str, Callable[[Run], Mapping[str, Any]]] = {
        "metrics": lambda run: run.data.metrics,
        "params": lambda run: run.data.params,
        "tags": lambda run: run.data.tags,
    }
    found: dict[str, list[Any]] = {name: [getattr(run.info, name) for run in runs] for name in _ATTRIBUTES}
    for prefix, read in values.items():
        held = [read(run) for run in runs]
        for name in columns:
            kind, dot, key = name.partition(".")
            if dot and kind == prefix:
                found[name] = [one.get(key) for one in held]
    return found


def _pages(rows: Iterable[Any], size: int = _PAGE) -> Iterator[list[Any]]:
    page: list[Any] = []
    for row in rows:
        page.append(row)
        if len(page) == size:
            yield page
            page = []
    if page:
        yield page
