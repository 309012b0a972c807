"""What runs are doing and have done, for other programs: the commands `runs watch` and `runs export`."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import click

from windlass.cli.options import view_option
from windlass.cli.output import output_option, plain
from windlass.cli.session import workspace
from windlass.entities import EventKind, RunEvent, TableFormat, ViewType

_FORMATS: Mapping[str, TableFormat] = {
    ".parquet": TableFormat.PARQUET,
    ".arrow": TableFormat.ARROW,
    ".arrows": TableFormat.ARROW,
}


@click.command()
@click.argument("run_id")
@output_option
def watch(run_id: str, output: str) -> None:
    """Show what a run logs while it logs it, until it ends."""
    for event in workspace().runs.follow(run_id):
        for line in [_json(event)] if output == "json" else _lines(event):
            click.echo(line)
        sys.stdout.flush()


@click.command()
@click.option("-o", "--output-file", "target", required=True, type=click.Path(path_type=Path), help="What to write.")
@click.option("-x", "--experiment-id", "ids", multiple=True, help="An experiment's id; repeatable, all without.")
@click.option("--filter", "filter_string", default="", metavar="FILTER", help="Such as: metrics.loss.min < 0.1.")
@click.option("--select", multiple=True, metavar="NAME", help="A column, such as metrics.loss or params.*; repeatable.")
@click.option("--history", is_flag=True, help="A row for each point of the metrics, instead of one for each run.")
@click.option("--format", "named", type=click.Choice(list(TableFormat)), help="Instead of what the file's name says.")
@view_option
def export(
    target: Path,
    ids: tuple[str, ...],
    filter_string: str,
    select: tuple[str, ...],
    history: bool,  # noqa: FBT001  a switch of the command line
    named: str | None,
    view: ViewType,
) -> None:
    """Write runs to a Parquet or Arrow file, a row for each."""
    from windlass.services.paging import every
    from windlass.services.run_export import RunExport

    file_format = TableFormat(named) if named else _FORMATS.get(target.suffix.lower())
    if file_format is None:
        raise click.UsageError(f"{target.name!r} tells no format: name one with --format, or a *.parquet or *.arrow")
    service = workspace()
    experiments = every(lambda token: service.experiments.search(page_token=token))
    found = ids or [one.experiment_id for one in experiments]
    table = RunExport(service.runs, found, filter=filter_string, view=view, select=select)
    _write(table.histories(file_format) if history else table.runs(file_format), target)
    click.echo(f"wrote {target}")


def _write(pieces: Iterator[bytes], target: Path) -> None:
    """Write the file under another name first, so that there is never half of one."""
    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with partial.open("wb") as file:
            _fill(file, pieces)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _fill(file: IO[bytes], pieces: Iterator[bytes]) -> None:
    for piece in pieces:
        file.write(piece)


def _lines(event: RunEvent) -> Iterator[str]:
    info = event.run.info
    match event.kind:
        case EventKind.RUN:
            yield f"run {info.run_id} ({info.run_name}) is {info.status}"
        case EventKind.METRICS:
            for one in event.metrics:
                yield f"{click.style(one.key, fg='cyan')} = {one.value:.6g}  step {one.step}"
        case EventKind.PARAMS:
            yield from (f"param {key} = {value}" for key, value in event.params.items())
        case EventKind.TAGS:
            yield from (f"tag {key} = {value}" for key, value in event.tags.items())
            yield from (f"tag {key} removed" for key in event.deleted_tags)
        case EventKind.STATUS:
            yield f"status {info.status}"
        case EventKind.END:
            yield f"run {info.run_id} has ended: {info.status}"


def _json(event: RunEvent) -> str:
    """One line of JSON, so that programs read while the run goes on."""
    values: dict[str, Any] = {"event": event.kind, "run_id": event.run.info.run_id}
    match event.kind:
        case EventKind.RUN:
            values["run"] = event.run
        case EventKind.METRICS:
            values["metrics"] = event.metrics
        case EventKind.PARAMS:
            values["params"] = event.params
        case EventKind.TAGS:
            values |= {"tags": event.tags, "deleted": event.deleted_tags}
        case EventKind.STATUS | EventKind.END:
            values["info"] = event.run.info
    return json.dumps(plain(values), ensure_ascii=False, allow_nan=False)
