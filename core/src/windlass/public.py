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
        "watch_run",
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
    "projects": ("run",),
    "upcoming": ("evaluate", "autolog"),
}

MODULES: Mapping[str, str] = {
    "artifacts": "windlass.fluent.artifact_files",
    "azureml": "windlass.fluent.departed",
    "deployments": "windlass.fluent.deployments",
    "exceptions": "windlass.fluent.exceptions",
    "tracking": "windlass.fluent.tracking",
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


class PublicModuleFinder(importlib.abc.MetaPathFinder):
    """Lets `import windlass.sklearn` find the module that core or a plugin provides under that name."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """A spec that yields the module from its own home; None for what nobody provides."""
        del path, target
        package, _, name = fullname.partition(".")
        if package != "windlass" or not name or "." in name or name.startswith("_"):
            return None
        home = MODULES.get(name) or _plugin_module(name)
        return importlib.machinery.ModuleSpec(fullname, _Alias(home)) if home else None


class ChildFinder(importlib.abc.MetaPathFinder):
    """Lets `windlass.models.signature` be the module that it is at home.

    The import system would find its file through the parent and load it a second time, with classes of its own.
    """

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """A spec for a module below one that lives elsewhere; None for all others."""
        del path, target
        parent_name, _, child = fullname.rpartition(".")
        if not parent_name.startswith("windlass."):
            return None
        parent = sys.modules.get(parent_name)
        if parent is None or parent.__name__ == parent_name:
            return None
        return importlib.machinery.ModuleSpec(fullname, _Alias(f"{parent.__name__}.{child}"))


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


def install_finders() -> None:
    """Add the finders once: one before all others, which is quick to say no, and one behind them."""
    if not any(isinstance(finder, PublicModuleFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, ChildFinder())
        sys.meta_path.append(PublicModuleFinder())
