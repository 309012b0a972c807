"""PluginManager: finds plugins, keeps broken ones apart, and answers who provides what."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

import pluggy

from windlass.config import Settings
from windlass.errors import MissingDependency, PluginError
from windlass.plugins import hookspecs
from windlass.plugins.extras import extra_for
from windlass.plugins.provider import Command, Kind, Provider

if TYPE_CHECKING:
    from windlass.entities import Deployment, ModelVersion, Run

GROUP = "windlass"
CORE = "core"
T = TypeVar("T")
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Plugin:
    """An installed plugin: what it contributes, or why it is broken or off."""

    name: str
    distribution: str
    version: str
    module: str
    providers: list[Provider] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    error: BaseException | None = None
    disabled: bool = False

    @property
    def status(self) -> str:
        """`ok`, `disabled` or `broken`."""
        return "disabled" if self.disabled else "broken" if self.error else "ok"


class PluginManager:
    """All plugins of one program.

    One that fails to load is kept as broken and raises only when something selects what it might have provided. Two
    claims on one name are refused when that name is selected, naming both.
    """

    def __init__(self, settings: Settings | None = None, found: Iterable[EntryPoint] | None = None) -> None:
        self._settings = settings or Settings()
        self._hooks = pluggy.PluginManager(hookspecs.PROJECT)
        self._hooks.add_hookspecs(hookspecs)
        self._claims: dict[tuple[Kind, str], list[Provider]] = {}
        self.plugins: list[Plugin] = []
        for point in entry_points(group=GROUP) if found is None else found:
            self._add(point)

    def register(self, module: object, name: str | None = None) -> Plugin:
        """Add a plugin that is no installed distribution: a module or an object with hook implementations."""
        name = name or str(getattr(module, "__name__", repr(module)))
        plugin = Plugin(name, "", "", name)
        self.plugins.append(plugin)
        self._load(plugin, lambda: module)
        return plugin

    def _add(self, point: EntryPoint) -> None:
        dist = point.dist
        plugin = Plugin(point.name, dist.name if dist else "", dist.version if dist else "", point.value)
        self.plugins.append(plugin)
        only, off = self._settings.only_plugins, self._settings.disable_plugins
        plugin.disabled = point.name != CORE and (point.name in off or bool(only and point.name not in only))
        if not plugin.disabled:
            self._load(plugin, point.load)

    def _load(self, plugin: Plugin, load: Callable[[], object]) -> None:
        module = None
        try:
            module = load()
            self._hooks.register(module, plugin.name)
            self._hooks.check_pending()
            plugin.providers = _collect(module, "windlass_providers", Provider)
            plugin.commands = _collect(module, "windlass_commands", Command)
        except Exception as error:  # noqa: BLE001  whatever a stranger's plugin does, the rest must go on
            plugin.error = error
            plugin.providers, plugin.commands = [], []
            if module is not None and self._hooks.is_registered(module):
                self._hooks.unregister(module)
            return
        for provider in plugin.providers:
            for name in provider.names:
                self._claims.setdefault((provider.kind, name), []).append(provider)

    @property
    def broken(self) -> list[Plugin]:
        """The plugins that failed to load."""
        return [plugin for plugin in self.plugins if plugin.error]

    @property
    def clashes(self) -> list[str]:
        """A sentence for every name that more than one provider claims."""
        return [_clash(kind, name, claims) for (kind, name), claims in self._claims.items() if len(claims) > 1]

    def providers(self, kind: Kind) -> list[Provider]:
        """All providers of a kind, each once, in the order of their first names."""
        unique = {id(one): one for (found, _), claims in self._claims.items() if found is kind for one in claims}
        return sorted(unique.values(), key=lambda provider: provider.names)

    def names(self, kind: Kind) -> list[str]:
        """The names that can be selected."""
        return sorted(name for found, name in self._claims if found is kind)

    def provider(self, kind: Kind, name: str) -> Provider:
        """The one provider of this kind and name; PluginError if there is none or more than one."""
        claims = self._claims.get((kind, name), [])
        if len(claims) == 1:
            return claims[0]
        if claims:
            raise PluginError(
                _clash(kind, name, claims), hint="uninstall one of them, or set WINDLASS_DISABLE_PLUGINS to its name"
            )
        raise self._unknown(kind, name)

    def load(self, kind: Kind, name: str) -> Any:
        """The class (or module) that provides this kind and name, imported now."""
        return load_target(self.provider(kind, name))

    def commands(self) -> dict[str, Command]:
        """The commands that plugins contribute, by name; the first of two equal names wins and the clash is logged."""
        commands: dict[str, Command] = {}
        for plugin in self.plugins:
            for command in plugin.commands:
                if (first := commands.setdefault(command.name, command)) is not command:
                    _log.warning("command %s of %s is taken by %s", command.name, command.target, first.target)
        return commands

    def routes(self, workspace: Any) -> list[Any]:
        """The route handlers that plugins contribute to the server."""
        return [route for routes in self._hooks.hook.windlass_routes(workspace=workspace) for route in routes]

    def run_created(self, run: Run) -> None:
        """Tell plugins that a run has begun."""
        self._tell("windlass_run_created", run=run)

    def run_finished(self, run: Run) -> None:
        """Tell plugins that a run has come to its end."""
        self._tell("windlass_run_finished", run=run)

    def model_version_created(self, version: ModelVersion) -> None:
        """Tell plugins that a version has been registered."""
        self._tell("windlass_model_version_created", version=version)

    def objections(self, version: ModelVersion, stage: str) -> list[str]:
        """Why plugins forbid this change of stage; an error in a plugin forbids it too."""
        try:
            answers = self._hooks.hook.windlass_model_version_transitioning(version=version, stage=stage)
        except Exception as error:  # noqa: BLE001  a judge that fails has not agreed
            _log.exception("a plugin failed to judge the transition of %s %s", version.name, version.version)
            return [f"a plugin failed to judge it: {error!r}"]
        return [answer for answer in answers if answer]

    def deployment_created(self, deployment: Deployment) -> None:
        """Tell plugins that a deployment answers."""
        self._tell("windlass_deployment_created", deployment=deployment)

    def deployment_updated(self, deployment: Deployment) -> None:
        """Tell plugins that a deployment answers with another model."""
        self._tell("windlass_deployment_updated", deployment=deployment)

    def deployment_deleted(self, name: str, target: str) -> None:
        """Tell plugins that a deployment is gone."""
        self._tell("windlass_deployment_deleted", name=name, target=target)

    def _tell(self, event: str, **arguments: object) -> None:
        caller = getattr(self._hooks.hook, event)
        for implementation in caller.get_hookimpls():
            wanted = {name: arguments[name] for name in implementation.argnames}
            try:
                implementation.function(**wanted)
            except Exception:  # noqa: BLE001  an onlooker's failure changes nothing
                _log.exception("plugin %s failed in %s", implementation.plugin_name, event)

    def _unknown(self, kind: Kind, name: str) -> PluginError:
        known = ", ".join(self.names(kind)) or "none"
        hint = f"is it misspelled, or is its plugin not installed? `windlass plugins list --kind {kind}` shows all"
        if (extra := extra_for(kind, name)) is not None:
            hint = f"pip install 'windlass[{extra}]'"
        if self.broken:
            causes = "; ".join(f"{plugin.name}: {plugin.error!r}" for plugin in self.broken)
            hint += f"; broken plugins: {causes}"
        return PluginError(f"no {kind} for {kind.selector} {name!r} (known: {known})", hint=hint)


def load_target(provider: Provider) -> Any:
    """Import what a provider names; PluginError, or MissingDependency with what to install, if that fails."""
    try:
        return load_object(provider.target)
    except ModuleNotFoundError as error:
        if provider.install is None:
            raise PluginError(f"{provider.target} cannot be imported: {error}") from error
        raise MissingDependency(
            f"{provider.summary.rstrip('.')}: the package {error.name!r} is missing",
            hint=f"pip install '{provider.install}'",
        ) from error
    except Exception as error:
        raise PluginError(f"{provider.target} cannot be imported: {error!r}") from error


def load_object(target: str) -> Any:
    """The object that `package.module:name` names, or the module without a name."""
    module_name, _, attribute = target.partition(":")
    module: ModuleType = importlib.import_module(module_name)
    return getattr(module, attribute) if attribute else module


@cache
def get_plugin_manager() -> PluginManager:
    """The program's own manager, made from the environment when it is first needed."""
    return PluginManager(Settings.load())


def _collect(module: object, hook: str, kind: type[T]) -> list[T]:
    found = list(getattr(module, hook)()) if hasattr(module, hook) else []
    for one in found:
        if not isinstance(one, kind):
            raise PluginError(f"{hook} must return {kind.__name__} objects, got {one!r}")
    return found


def _clash(kind: Kind, name: str, claims: list[Provider]) -> str:
    return f"{kind} {name!r} is claimed by {' and by '.join(claim.target for claim in claims)}"
