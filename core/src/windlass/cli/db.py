"""windlass db: look after the database of a store."""

from __future__ import annotations

import click

from windlass.config import Settings
from windlass.errors import Unsupported
from windlass.interfaces import SupportsUpgrade
from windlass.plugins import Kind, get_plugin_manager
from windlass.uri import Uri


@click.group()
def db() -> None:
    """Look after the database of a store."""


@db.command()
@click.argument("uri", required=False)
def upgrade(uri: str | None) -> None:
    """Bring the database at URI, or the current one, to the schema of this release."""
    settings = Settings.load()
    parsed = Uri.parse(uri or settings.tracking_uri or settings.default_tracking_uri)
    store = get_plugin_manager().load(Kind.TRACKING_STORE, parsed.scheme)
    if not issubclass(store, SupportsUpgrade):
        raise Unsupported(f"a {parsed.scheme} store has no schema to upgrade")
    before, after = store.upgrade(parsed, settings)
    if before == after:
        click.echo(f"{parsed} is up to date ({after})")
    else:
        click.echo(f"upgraded {parsed} from {before or 'nothing'} to {after}")
