"""The names below `windlass.` that come from elsewhere: where each one lives, and modules that plugins bring.

Nothing here is imported before someone asks for it.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Mapping, Sequence
from types import ModuleType

_FLUENT: Mapping[str, tuple[str, ...]] = {
    "state": ("set_tracking_uri", "get_tracking_uri", "is_tracking_uri_set", "set_registry_uri", "get_registry_uri"),
    "experiments": (
        "set_experiment",
        "create_experiment",
        "get_experiment",
        "get_experiment_by_name",
        "delete_experiment",
        "restore_experiment",
        "search_experiments",
        "set_experiment_tag",
        "set_experiment_tags",
        "delete_experiment_tag",
        "list_experiments",
    ),
    "runs": (
        "start_run",
        "end_run",
        "active_run",
        "last_active_run",
        "get_run",
        "get_parent_run",
        "delete_run",
        "restore_run",
        "search_runs",
        "list_run_infos",
        "ActiveRun",
    ),
    "logging": (
        "log_param",
        "log_params",
        "log_metric",
        "log_metrics",
        "set_tag",
        "set_tags",
        "delete_tag",
        "log_input",
        "log_inputs",
        "log_outputs",
    ),
    "artifacts": (
        "log_artifact",
        "log_artifacts",
        "log_text",
        "log_dict",
        "log_figure",
        "log_image",
        "log_table",
        "log_stream",
        "load_table",
        "get_artifact_uri",
    ),
    "models": (
        "register_model",
        "search_registered_models",
        "search_model_versions",
        "set_model_version_tag",
        "initialize_logged_model",
        "create_external_model",
        "finalize_logged_model",
        "get_logged_model",
        "last_logged_model",
        "search_logged_models",
        "set_logged_model_tags",
        "delete_logged_model_tag",
        "log_model_params",
    ),
    "client": ("MlflowClient",),
    "upcoming": ("run", "evaluate", "autolog"),
}

MODULES: Mapping[str, str] = {
    "artifacts": "windlass.fluent.artifact_files",
    "azureml": "windlass.fluent.departed",
    "client": "windlass.fluent.client",
    "deployments": "windlass.fluent.deployments",
    "exceptions": "windlass.fluent.exceptions",
    "tracking": "windlass.fluent.tracking",
    "tracking.client": "windlass.fluent.client",
}
"""Core's own public modules and where they live."""

LAZY: Mapping[str, str] = {
    **{name: f"windlass.fluent.{module}" for module, names in _FLUENT.items() for name in names},
    "Kind": "windlass.plugins",
    "Provider": "windlass.plugins",
    "Command": "windlass.plugins",
    "hookimpl": "windlass.plugins",
    "WindlassError": "windlass.errors",
    "Settings": "windlass.config",
    "Uri": "windlass.uri",
}
"""The module of each public name."""


class PluginModuleFinder(importlib.abc.MetaPathFinder):
    """Lets `import windlass.sklearn` find the module that a plugin provides under that name."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """A spec that yields the plugin's own module; None for what no plugin provides."""
        del path, target
        package, _, rest = fullname.partition(".")
        name, _, below = rest.partition(".")
        if package != "windlass" or not name or name.startswith("_"):
            return None
        if rest in MODULES:
            return importlib.machinery.ModuleSpec(fullname, _Alias(MODULES[rest]))
        real = _plugin_module(name)
        if real is None:
            return None
        real_name = f"{real}.{below}" if below else real
        return importlib.machinery.ModuleSpec(fullname, _Alias(real_name))


class _Alias(importlib.abc.Loader):
    """Answers an import with a module that exists under another name."""

    def __init__(self, real_name: str) -> None:
        self.real_name = real_name
        self.spec: importlib.machinery.ModuleSpec | None = None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        del spec
        module = importlib.import_module(self.real_name)
        self.spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        # The import system has put the alias's spec on the module; the module keeps its own.
        module.__spec__ = self.spec


def _plugin_module(name: str) -> str | None:
    """The module behind `windlass.<name>`: a public module that a plugin provides, or the home of a flavor's class."""
    from windlass.plugins import Kind, get_plugin_manager  # noqa: PLC0415  the plugins load when they are needed

    manager = get_plugin_manager()
    for kind in (Kind.PYTHON_MODULE, Kind.MODEL_FLAVOR):
        if name in manager.names(kind):
            return manager.provider(kind, name).target.partition(":")[0]
    return None


def install_finder() -> None:
    """Add the finder once, behind all others."""
    if not any(isinstance(finder, PluginModuleFinder) for finder in sys.meta_path):
        sys.meta_path.append(PluginModuleFinder())
