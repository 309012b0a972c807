"""windlass quickstart: the whole life of a model, on real data."""

from __future__ import annotations

import time

import click

import windlass
from windlass.cli.output import table
from windlass.entities import ModelVersion, Run
from windlass.fluent.state import current_workspace
from windlass_quickstart import tracking
from windlass_quickstart.candidates import candidates
from windlass_quickstart.cleaning import clean as clean_up
from windlass_quickstart.data import Split, load
from windlass_quickstart.progress import step
from windlass_quickstart.serving import MODEL_URI, Served, ask, deploy

_NEXT = (
    ("windlass ui", "look at the runs in a browser"),
    (f"windlass runs list -n '{tracking.EXPERIMENT}' --order-by 'metrics.{tracking.CHOOSE_BY} DESC'", "or right here"),
    (f"windlass deployments list -t {tracking.TARGET}", "see what answers requests"),
    (f"windlass models serve -m {MODEL_URI}", "serve the model in this terminal"),
    ("windlass quickstart --clean", "remove everything again"),
)


@click.command()
@click.option("--clean", is_flag=True, help="Remove all that the quickstart made.")
def quickstart(clean: bool) -> None:  # noqa: FBT001  click passes flags so
    """Train, compare, register, deploy and ask a model, on real data.

    It needs no configuration and no service. Every run of it adds a model version and deploys the best one anew.
    """
    if clean:
        gone = clean_up()
        click.echo(f"removed {', '.join(gone)}" if gone else "there is nothing to remove")
        return
    begun = time.perf_counter()
    split = _prepare()
    runs = []
    for candidate in candidates():
        with step(f"train {candidate.name}") as current:
            run = tracking.track(candidate, split)
            current.result = f"accuracy {run.data.metrics[tracking.CHOOSE_BY]:.3f}"
        runs.append(run)
    version = _register()
    with step(f"deploy {MODEL_URI}") as current:
        deployment = deploy()
        current.result = str(deployment.url)
    with step(f"ask it for {len(split.held_out)} held-out diagnoses") as current:
        served = ask(split)
        current.result = f"accuracy {served.accuracy:.3f}"
    _show_runs(runs)
    _report(version, served, str(deployment.url), time.perf_counter() - begun)


def _prepare() -> Split:
    with step("load the breast cancer data") as current:
        split = load()
        windlass.set_experiment(tracking.EXPERIMENT)
        current.result = f"{len(split.train) + len(split.validation) + len(split.held_out)} rows"
    return split


def _register() -> ModelVersion:
    with step(f"register the best as {tracking.MODEL}@{tracking.ALIAS}") as current:
        best = tracking.best_run()
        version = windlass.register_model(f"runs:/{best.info.run_id}/model", tracking.MODEL)
        current_workspace().registered_models.set_alias(tracking.MODEL, tracking.ALIAS, version.version)
        current.result = f"version {version.version}: {best.info.run_name}"
    return version


def _show_runs(runs: list[Run]) -> None:
    """The runs of this time, the best first."""
    rows = [
        {
            "run": run.info.run_name,
            "kind": run.data.params["kind"],
            "accuracy": f"{run.data.metrics[tracking.CHOOSE_BY]:.4f}",
            "log loss": f"{run.data.metrics['validation_log_loss']:.4f}",
            "params": {key: value for key, value in run.data.params.items() if key != "kind"},
            "id": run.info.run_id,
        }
        for run in sorted(runs, key=lambda run: -run.data.metrics[tracking.CHOOSE_BY])
    ]
    click.echo(f"\n{table(rows)}\n")


def _report(version: ModelVersion, served: Served, url: str, seconds: float) -> None:
    click.echo(
        f"{MODEL_URI} is version {version.version} and answers at {url}\n"
        f"served accuracy {served.accuracy:.4f} on {served.rows} held-out rows, "
        f"every prediction equal to the one in this process ({seconds:.1f} s in all)\n"
    )
    click.echo(click.style("What next", bold=True))
    width = max(len(command) for command, _ in _NEXT)
    for command, meaning in _NEXT:
        click.echo(f"  {click.style(command.ljust(width), fg='cyan')}  {meaning}")
