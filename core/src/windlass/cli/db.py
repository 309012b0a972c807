"""windlass db: look after the database of a store."""

from __future__ import annotations

from pathlib import Path

import click

from windlass.cli.exit_codes import EXIT_FAILURE
from windlass.config import Settings
from windlass.errors import Unsupported
from windlass.interfaces import BackupSummary, SupportsBackup, SupportsCheck, SupportsUpgrade
from windlass.plugins import Kind, get_plugin_manager
from windlass.uri import Uri

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def db() -> None:
    """Look after the database of a store."""


@db.command()
@click.argument("uri", required=False)
def upgrade(uri: str | None) -> None:
    """Bring the database at URI, or the current one, to the schema of this release."""
    parsed, settings, store = _find(uri)
    if not issubclass(store, SupportsUpgrade):
        raise Unsupported(f"a {parsed.scheme} store has no schema to upgrade")
    before, after = store.upgrade(parsed, settings)
    if before == after:
        click.echo(f"{parsed} is up to date ({after})")
    else:
        click.echo(f"upgraded {parsed} from {before or 'nothing'} to {after}")


@db.command()
@click.argument("uri", required=False)
def check(uri: str | None) -> None:
    """Look for damage in the database at URI, or the current one; exits with 1 if there is any."""
    parsed, settings, store = _find(uri)
    if not issubclass(store, SupportsCheck):
        raise Unsupported(f"a {parsed.scheme} store has no database to check")
    findings = store.check(parsed, settings)
    click.echo(f"{parsed} has the schema {findings.revision}, this release wants {findings.wanted}")
    for problem in findings.problems:
        click.echo(f"- {problem}")
    if findings.problems:
        raise click.exceptions.Exit(EXIT_FAILURE)
    click.echo("all is well")


@db.command()
@click.argument("file", type=_FILE)
@click.argument("uri", required=False)
def backup(file: Path, uri: str | None) -> None:
    """Write the database at URI, or the current one, to the new FILE; it may be in use meanwhile."""
    parsed, settings, store = _find(uri)
    if not issubclass(store, SupportsBackup):
        raise Unsupported(f"a {parsed.scheme} store has no database to back up")
    summary = store.backup(parsed, settings, file)
    click.echo(f"wrote {_size(summary)} of {parsed} to {file}")


@db.command()
@click.argument("file", type=_FILE)
@click.argument("uri", required=False)
def restore(file: Path, uri: str | None) -> None:
    """Put the backup FILE into the empty database at URI, or the current one, which may be of another kind."""
    parsed, settings, store = _find(uri)
    if not issubclass(store, SupportsBackup):
        raise Unsupported(f"a {parsed.scheme} store has no database to restore")
    summary = store.restore(parsed, settings, file)
    click.echo(f"restored {_size(summary)} from {file} into {parsed}")


def _find(uri: str | None) -> tuple[Uri, Settings, type]:
    """The store's URI, the settings, and its class, which is not opened."""
    settings = Settings.load()
    parsed = Uri.parse(uri or settings.tracking_uri or settings.default_tracking_uri)
    return parsed, settings, get_plugin_manager().load(Kind.TRACKING_STORE, parsed.scheme)


def _size(summary: BackupSummary) -> str:
    return f"{sum(summary.rows.values()):,} rows in {len(summary.rows)} tables (schema {summary.revision})"
