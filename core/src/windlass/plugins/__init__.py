"""The plugin boundary: providers give exactly one answer, hooks let any number of plugins react."""

from __future__ import annotations

from windlass.plugins.hookspecs import hookimpl
from windlass.plugins.manager import Plugin, PluginManager, get_plugin_manager, load_object, load_target
from windlass.plugins.provider import Command, Kind, Provider

__all__ = [
    "Command",
    "Kind",
    "Plugin",
    "PluginManager",
    "Provider",
    "get_plugin_manager",
    "hookimpl",
    "load_object",
    "load_target",
]
