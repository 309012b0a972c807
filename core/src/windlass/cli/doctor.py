"""windlass doctor: say what is installed, configured and reachable."""

from __future__ import annotations

import platform
import tempfile
from collections.abc import Callable
from pathlib import Path

import click

import windlass
from windlass.cli.exit_codes import EXIT_FAILURE
from windlass.cli.output import output_option, show_json, show_one
from windlass.cli.session import workspace
from windlass.config import Settings, options
from windlass.errors import WindlassError
from windlass.plugins import get_plugin_manager
from windlass.uri import Uri

_SECRETS = ("password", "token", "secret", "_key", "passphrase", "connection_string")


@click.command()
@click.option("--mask-envs", is_flag=True, help="Leave out the values of settings.")
@output_option
def doctor(mask_envs: bool, output: str) -> int:  # noqa: FBT001  click passes flags so
    """Say what is installed, configured and reachable; the exit code is 1 if something is wrong."""
    settings = Settings.load()
    tracking_uri = settings.tracking_uri or settings.default_tracking_uri
    facts = {
        "windlass": windlass.__version__,
        "python": f"{platform.python_version()} on {platform.system()} {platform.release()} {platform.machine()}",
        "home": str(settings.home),
        "tracking uri": str(Uri.parse(tracking_uri)),
        "registry uri": str(Uri.parse(settings.registry_uri or tracking_uri)),
        **({} if mask_envs else _configured(settings)),
    }
    findings = [*_plugin_findings(), *_try("tracking store", _check_tracking), *_try("artifacts", _check_artifacts)]
    if output == "json":
        show_json({**facts, "problems": findings})
    else:
        show_one(facts, output)
        click.echo()
        for finding in findings:
            click.echo(f"{click.style('problem', fg='red', bold=True)}: {finding}")
        if not findings:
            click.echo(click.style("all is well", fg="green"))
    return EXIT_FAILURE if findings else 0


def _configured(settings: Settings) -> dict[str, str]:
    """The settings that differ from their defaults, secrets hidden."""
    return {
        option.name.replace("_", " "): "***" if option.name.endswith(_SECRETS) else str(getattr(settings, option.name))
        for option in options()
        if getattr(settings, option.name) != option.default and not option.name.endswith("_uri")
    }


def _plugin_findings() -> list[str]:
    manager = get_plugin_manager()
    return [f"plugin {plugin.name} is broken: {plugin.error!r}" for plugin in manager.broken] + manager.clashes


def _try(what: str, check: Callable[[], None]) -> list[str]:
    try:
        check()
    except WindlassError as error:
        return [f"{what}: {error}"]
    except OSError as error:
        return [f"{what}: {error.strerror}"]
    return []


def _check_tracking() -> None:
    opened = workspace()
    opened.experiments.search(max_results=1)
    opened.registered_models.search(max_results=1)


def _check_artifacts() -> None:
    """Write, read and delete a small file where new experiments put theirs."""
    opened = workspace()
    if opened.tracking.is_remote:
        return
    repository = opened.artifacts.repository(Settings.load().default_artifact_root)
    with tempfile.TemporaryDirectory() as directory:
        probe = Path(directory) / "probe"
        probe.write_text("windlass doctor")
        repository.put_file(probe, ".windlass-doctor")
        repository.stat(".windlass-doctor")
        repository.delete(".windlass-doctor")
