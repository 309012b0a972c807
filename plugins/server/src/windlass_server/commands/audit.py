"""windlass audit: show who changed what, and check the log of it."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from typing import Any

import click

from windlass.cli.options import duration
from windlass.cli.output import show_json, show_many, when
from windlass.services.identity import now_ms
from windlass.wire import audit as wire
from windlass_server.commands.send import send

_PAGE = 1000


@click.command()
@click.option("--actor", metavar="NAME", help="By this account; `*` is a wild card, here and below.")
@click.option("--action", metavar="NAME", help="Such as CreateExperiment or Delete*.")
@click.option("--resource", metavar="NAME", help="Such as experiment/12 or model_version/fraud/*.")
@click.option("--since", metavar="TIME", help="Not before: a time as 2026-01-31T12:00, or how long ago, as 2h.")
@click.option("--max-results", default=100, show_default=True, help="How many at most.")
@click.option("--json", "as_json", is_flag=True, help="JSON for programs, with what was before and after.")
@click.option("--verify", is_flag=True, help="Check that no entry was changed, removed or put in; 1 if one was.")
def audit(
    actor: str | None,
    action: str | None,
    resource: str | None,
    since: str | None,
    max_results: int,
    *,
    as_json: bool,
    verify: bool,
) -> None:
    """Show who changed what, the newest first."""
    if verify:
        _verify(as_json=as_json)
        return
    asked = {"actor": actor, "action": action, "resource": resource, "since": _time(since)}
    entries = list(_entries(asked, max_results))
    if as_json:
        show_json(entries)
    else:
        show_many([_row(one) for one in entries], "table", nothing="no entries")


def _verify(*, as_json: bool) -> None:
    found = send(wire.VerifyAudit())
    if as_json:
        show_json(found)
    elif found["problems"]:
        for problem in found["problems"]:
            click.echo(problem, err=True)
    else:
        click.echo(f"the audit log is whole: {found['entries']} entries, the last is {found['hash']}")
    if found["problems"]:
        sys.exit(1)


def _entries(asked: dict[str, Any], wanted: int) -> Iterator[dict[str, Any]]:
    token = None
    while wanted > 0:
        page = send(wire.SearchAudit(**asked, max_results=min(wanted, _PAGE), page_token=token))
        yield from page["entries"]
        wanted -= len(page["entries"])
        token = page.get("next_page_token")
        if not token:
            return


def _time(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        context = click.get_current_context()
        parameter = next(one for one in context.command.params if one.name == "since")
        return now_ms() - duration(context, parameter, text)
    return round(moment.timestamp() * 1000)


def _row(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": one["number"],
        "time": when(one["time"]),
        "actor": one["actor"],
        "action": one["action"],
        "resource": one["resource"],
        "result": one["result"],
        "from": one["address"],
    }
