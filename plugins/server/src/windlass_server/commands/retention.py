"""windlass retention: say which runs of an experiment are kept, and let the others go."""

from __future__ import annotations

import sys
from typing import Any

import click

from windlass.cli.output import output_option, show_json, show_many, show_one, when
from windlass.cli.session import workspace
from windlass.errors import NotFound
from windlass.services.file_count import FileCount, size_text
from windlass.wire import retention as wire
from windlass_server.commands.send import send

experiment = click.argument("experiment", metavar="EXPERIMENT")
_SHOWN = 100


@click.group()
def retention() -> None:
    """Say which runs of an experiment are kept, and let the others go.

    EXPERIMENT is an id or a name. A server applies the policies once an hour.
    """


@retention.command("set")
@experiment
@click.option("--best", type=click.IntRange(1), metavar="N", help="Keep the N best runs by the metric.")
@click.option("--metric", metavar="KEY", help="The metric; its latest value counts.")
@click.option("--goal", type=click.Choice(["max", "min"]), default="max", show_default=True, help="Which is best.")
@click.option("--days", type=click.IntRange(1), metavar="N", help="Keep the runs that began in the last N days.")
@click.option(
    "--keep-tag", "keep_tags", multiple=True, metavar="KEY[=VALUE]", help="Keep what has the tag; repeatable."
)
@click.option(
    "--grace-days",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="How many days a run stays in the bin, from where it can be restored, before it is removed for good.",
)
def set_(
    experiment: str,
    best: int | None,
    metric: str | None,
    goal: str,
    days: int | None,
    keep_tags: tuple[str, ...],
    grace_days: int,
) -> None:
    """Give an experiment a policy: a run is kept if any part of it says so.

    Always kept are runs that have not ended, registered ones, those with the tag windlass.keep, and those that were
    restored after they went.
    """
    made = send(
        wire.SetRetention(
            experiment_id=_id(experiment),
            best=best,
            metric=metric,
            goal=goal,
            days=days,
            keep_tags=keep_tags,
            grace_days=grace_days,
        )
    )["policy"]
    click.echo(f"experiment {made['experiment_id']} keeps {_words(made)}")
    click.echo(f"`windlass retention preview {experiment}` shows what goes")


@retention.command()
@experiment
@output_option
def show(experiment: str, output: str) -> None:
    """Show the policy of an experiment."""
    policy = send(wire.GetRetention(experiment_id=_id(experiment)))["policy"]
    show_one(policy, output)


@retention.command("list")
@output_option
def list_(output: str) -> None:
    """List the policies of all experiments."""
    found = send(wire.ListRetention())["policies"]
    rows = [
        {"experiment": one["experiment_id"], "keeps": _words(one), "grace days": one["grace_days"]} for one in found
    ]
    show_many(found if output == "json" else rows, output, nothing="no policies")


@retention.command()
@experiment
@output_option
def preview(experiment: str, output: str) -> None:
    """Show which runs would go and how many bytes with them; nothing is changed."""
    plan = send(wire.PreviewRetention(experiment_id=_id(experiment)))
    if output == "json":
        show_json(plan)
        return
    if plan["runs"]:
        show_many([_row(one) for one in plan["runs"][:_SHOWN]], output, nothing="")
        click.echo()
    for reason, number in sorted(plan["kept"].items()):
        click.echo(f"keeps {number} runs: {reason}")
    click.echo(f"lets {plan['total']} runs go ({FileCount(plan['files'], plan['bytes'])})")


@retention.command()
@experiment
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
def apply(experiment: str, *, yes: bool) -> None:
    """Move the runs that are not kept to the bin, and remove those whose days of grace are over, for good.

    On a terminal it asks first.
    """
    experiment_id = _id(experiment)
    if not yes and sys.stdin.isatty():
        plan = send(wire.PreviewRetention(experiment_id=experiment_id, max_results=1))
        count = FileCount(plan["files"], plan["bytes"])
        click.confirm(f"Let {plan['total']} runs of experiment {experiment_id} go ({count})?", abort=True)
    binned, freed, count, left = 0, 0, FileCount(), 1
    while left:
        done = send(wire.ApplyRetention(experiment_id=experiment_id))
        binned, freed = binned + done["binned"], freed + done["freed"]
        count += FileCount(done["files"], done["bytes"])
        # What cannot be freed now, because it was registered or restored meanwhile, is not waited for.
        left = done["left"] if done["freed"] else 0
    click.echo(f"moved {binned} runs to the bin, removed {freed} ({count})")


@retention.command()
@experiment
def remove(experiment: str) -> None:
    """Take the policy of an experiment away; its runs stay from now on."""
    experiment_id = _id(experiment)
    send(wire.RemoveRetention(experiment_id=experiment_id))
    click.echo(f"experiment {experiment_id} keeps all its runs")


def _id(experiment: str) -> str:
    service = workspace().experiments
    try:
        return service.get(experiment).experiment_id
    except NotFound:
        return service.get_by_name(experiment).experiment_id


def _words(policy: dict[str, Any]) -> str:
    parts = []
    if policy["best"] is not None:
        highest = "highest" if policy["goal"] == "max" else "lowest"
        parts.append(f"the {policy['best']} runs with the {highest} {policy['metric']}")
    if policy["days"] is not None:
        parts.append(f"those of the last {policy['days']} days")
    parts += [f"those tagged {tag}" for tag in policy["keep_tags"]]
    return ", ".join(parts)


def _row(run: dict[str, Any]) -> dict[str, Any]:
    return {
        "run": run["run_id"],
        "name": run["run_name"],
        "started": when(run["start_time"]),
        "files": run["files"],
        "size": size_text(run["bytes"]),
        "state": "in the bin" if run["waiting"] else "goes",
    }
