"""windlass import: move everything from one store to another one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import click

from windlass.cli.exit_codes import EXIT_FAILURE
from windlass.cli.output import table
from windlass.config import Settings
from windlass.errors import NotFound
from windlass.plugins import Kind
from windlass.services.importing.comparison import Comparison
from windlass.services.importing.service import StoreImport, Tell
from windlass.services.importing.sides import Side
from windlass.services.workspace import Workspace
from windlass.uri import Uri

_SHOWN = 16


@click.command("import")
@click.option("--from", "source", metavar="URI", required=True, help="The store to read; it is not changed.")
@click.option("--to", "target", metavar="URI", required=True, help="The store to write to, best a new one.")
@click.option("--dry-run", is_flag=True, help="Only say how much there is to move.")
def import_stores(*, source: str, target: str, dry_run: bool) -> None:
    """Move everything from one store to another one, of whatever kind.

    Experiments, runs with the whole histories of their metrics, logged models, registered models with all versions, and
    what a server keeps beside them: accounts, permissions, webhooks. Ids, times, numbers and the bin stay as they are.
    Files stay where they are. Nobody may write to either store meanwhile.

    Interrupted, it goes on where it was when it is started again. What the target has already is skipped if it is
    equal; the first thing that is not ends it. Then both sides are read again and compared; it exits with 1 if they
    differ.
    """
    if not Workspace.exists(_settings(source)):
        # Opening it would make it, and nothing at all would arrive.
        raise NotFound(f"there is no store at {Uri.parse(source)}", hint="check the URI behind --from")
    with _side(source) as ours, _side(target) as theirs, _progress() as tell:
        work = StoreImport(ours, theirs, tell)
        work.check(change=not dry_run)
        counts = work.count()
        if dry_run:
            tell("", 0)
            click.echo(table([{"kind": str(kind), "to move": count} for kind, count in counts.items()]))
            return
        work.move()
        result = work.compare()
        tell("", 0)
    _show(result)


def _settings(uri: str) -> Settings:
    return replace(Settings.load(), tracking_uri=uri, registry_uri=None)


@contextmanager
def _side(uri: str) -> Iterator[Side]:
    """The store that the URI names, with the registry and the records in it."""
    with Workspace.open(_settings(uri)) as workspace:
        parsed = Uri.parse(workspace.settings.tracking_uri or uri)
        keeps = parsed.scheme in workspace.plugins.names(Kind.RECORD_STORE)
        yield Side(str(parsed), workspace.tracking, workspace.registry, workspace.records if keeps else None)


@contextmanager
def _progress() -> Iterator[Tell]:
    """What shows on a terminal, in one line, how far the import is; an empty text removes the line."""
    shows = sys.stderr.isatty()

    def tell(what: str, count: int) -> None:
        if shows:
            click.echo(f"\r\033[K{what} {count:,}" if what else "\r\033[K", err=True, nl=False)

    try:
        yield tell
    finally:
        tell("", 0)


def _show(result: Comparison) -> None:
    rows = [
        {
            "kind": str(kind),
            "source": one.source.count,
            "target": one.target.count,
            "checksum of the source": one.source.checksum[:_SHOWN],
            "of the target": one.target.checksum[:_SHOWN],
            "result": "equal" if one.alike else "DIFFERENT",
        }
        for kind, one in result.kinds.items()
    ]
    click.echo(table(rows))
    if result.alike:
        click.echo("everything has arrived")
        return
    for kind, one in result.kinds.items():
        for name in one.different:
            click.echo(f"- {kind}: {name} differs", err=True)
    raise click.exceptions.Exit(EXIT_FAILURE)
