"""The tags that run contexts contribute."""

from __future__ import annotations

from functools import lru_cache

from windlass.interfaces import RunContext
from windlass.plugins import Kind, PluginManager, load_target


def context_tags(plugins: PluginManager) -> dict[str, str]:
    """The tags of all run contexts."""
    tags: dict[str, str] = {}
    for context in _contexts(plugins):
        tags.update(context.tags())
    return tags


@lru_cache(maxsize=4)
def _contexts(plugins: PluginManager) -> tuple[RunContext, ...]:
    return tuple(load_target(provider)() for provider in plugins.providers(Kind.RUN_CONTEXT))
