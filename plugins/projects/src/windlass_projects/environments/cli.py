"""windlass projects environments: showing those that are kept, and removing old ones."""

from __future__ import annotations

import sys
import time
from typing import Any

import click

from windlass.cli.options import duration
from windlass.cli.output import output_option, show_many, when
from windlass.config import Settings
from windlass.services.file_count import size_text
from windlass_projects.environments.cache import EnvironmentCache
from windlass_projects.environments.kept import KeptEnvironment


@click.group()
def projects() -> None:
    """What runs of projects leave behind."""


@projects.group()
def environments() -> None:
    """Environments of projects, which are kept for the next run with equal contents."""


@environments.command("list")
@output_option
def list_environments(*, output: str) -> None:
    """Show the environments of this home, those that were used last first."""
    cache = EnvironmentCache(Settings.load().home.absolute())
    rows = [_row(cache, one, output) for one in cache.all()]
    show_many(rows, output, nothing="no environments")


@environments.command()
@click.option(
    "--older-than", callback=duration, metavar="DURATION", help="Only what was not used for so long, such as 30d."
)
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
def clean(*, older_than: int, dry_run: bool, yes: bool) -> None:
    """Remove environments that no project runs in, and what killed builds have left.

    It shows how much that is first, and asks on a terminal. What is needed again is built again.
    """
    cache, limit = EnvironmentCache(Settings.load().home.absolute()), int(time.time() * 1000) - older_than
    found = [one for one in cache.all() if one.used <= limit and not cache.is_used(one)]
    shown = f"{len(found)} environments ({size_text(sum(one.size for one in found))})"
    if not found or dry_run:
        click.echo(f"would remove {shown}" if found else "nothing to remove")
        return
    if not yes and sys.stdin.isatty():
        click.confirm(f"Remove {shown}?", abort=True)
    removed = sum(cache.remove(one, unused_since=limit) for one in found)
    spared = len(found) - removed
    click.echo(f"removed {removed} environments" + (f"; {spared} are in use now" if spared else ""))


def _row(cache: EnvironmentCache, kept: KeptEnvironment, output: str) -> dict[str, Any]:
    state = "in use" if cache.is_used(kept) else "ready" if kept.is_ready else "incomplete"
    people = output != "json"
    return {
        "key": kept.key,
        "manager": kept.manager,
        "state": state,
        "made": when(kept.made) if people else kept.made,
        "used": when(kept.used) if people else kept.used,
        "size": size_text(kept.size) if people else kept.size,
    }
