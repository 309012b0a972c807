"""Holding a plugin against the interfaces that it claims to implement."""

from __future__ import annotations

import inspect
import subprocess
import sys
from importlib.util import find_spec

from windlass.errors import MissingDependency, NotFound, WindlassError
from windlass.interfaces import (
    ArtifactRepository,
    DeploymentTarget,
    EnvironmentManager,
    ModelFlavor,
    ModelRegistry,
    ProjectBackend,
    RecordStore,
    RunContext,
    TrackingStore,
)
from windlass.plugins import Kind, Plugin, PluginManager, Provider, load_object, load_target

INTERFACES: dict[Kind, type] = {
    Kind.TRACKING_STORE: TrackingStore,
    Kind.MODEL_REGISTRY: ModelRegistry,
    Kind.RECORD_STORE: RecordStore,
    Kind.ARTIFACT_REPOSITORY: ArtifactRepository,
    Kind.DEPLOYMENT_TARGET: DeploymentTarget,
    Kind.PROJECT_BACKEND: ProjectBackend,
    Kind.ENVIRONMENT_MANAGER: EnvironmentManager,
    Kind.MODEL_FLAVOR: ModelFlavor,
    Kind.RUN_CONTEXT: RunContext,
}
"""The interface of each kind of provider that has one."""


def find(manager: PluginManager, name: str | None) -> list[Plugin]:
    """The plugins of this name, all without one; NotFound if there is none."""
    chosen = [plugin for plugin in manager.plugins if name is None or name in {plugin.name, plugin.distribution}]
    if not chosen:
        known = ", ".join(sorted(plugin.name for plugin in manager.plugins))
        raise NotFound(f"no plugin is named {name!r} (known: {known})")
    return chosen


def problems(plugin: Plugin) -> list[str]:
    """What is wrong with the plugin as far as importing it tells."""
    if plugin.error is not None:
        return [f"the manifest {plugin.module} failed: {plugin.error!r}"]
    found = [problem for provider in plugin.providers for problem in _provider_problems(provider)]
    for command in plugin.commands:
        try:
            load_object(command.target)
        except Exception as error:  # noqa: BLE001  whatever a stranger's module does is the finding
            found.append(f"command {command.name}: {command.target} cannot be imported: {error!r}")
    return found


def run_suites(plugin: Plugin) -> list[str]:
    """Run the conformance suites that the plugin names, in a process of their own; the failed ones."""
    modules = sorted({provider.suite.partition(":")[0] for provider in plugin.providers if provider.suite})
    if not modules:
        return []
    if find_spec("pytest") is None:
        raise MissingDependency("the conformance suites need pytest", hint="pip install 'windlass-core[testing]'")
    failed = []
    for module in modules:
        command = [sys.executable, "-m", "pytest", "--pyargs", module, "-q", "-p", "no:cacheprovider"]
        if subprocess.run(command, check=False).returncode != 0:  # noqa: S603  our own interpreter and a module name
            failed.append(f"the suites in {module} failed")
    return failed


def _provider_problems(provider: Provider) -> list[str]:
    try:
        target = load_target(provider)
    except MissingDependency as error:
        # What an extra would bring may be absent; the rest of the plugin stands.
        return [] if provider.install else [str(error)]
    except WindlassError as error:
        return [str(error)]
    interface = INTERFACES.get(provider.kind)
    if interface is None:
        return []
    if not (inspect.isclass(target) and issubclass(target, interface)):
        return [f"{provider.target} is no {interface.__name__}"]
    missing = sorted(getattr(target, "__abstractmethods__", ()))
    return [f"{provider.target} lacks {', '.join(missing)}"] if missing else []
