"""A scheme whose plugin is not installed names the extra to install."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from windlass.config import Settings
from windlass.errors import PluginError
from windlass.plugins import PluginManager
from windlass.plugins.extras import EXTRAS

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("extra", sorted({extra for extras in EXTRAS.values() for extra in extras}))
def test_the_extra_of_a_scheme_is_named_when_its_plugin_is_missing(extra):
    manager = PluginManager(Settings(disable_plugins=(extra,)))
    for kind, schemes in ((kind, extras.get(extra, ())) for kind, extras in EXTRAS.items()):
        for scheme in schemes:
            with pytest.raises(PluginError, match=f"(scheme|name) '{scheme}'") as raised:
                manager.provider(kind, scheme)
            assert raised.value.hint == f"pip install 'windlass[{extra}]'"


def test_every_scheme_of_an_extra_is_known():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    manager = PluginManager(Settings())
    for plugin in manager.plugins:
        if plugin.name in extras:
            for kind in {provider.kind for provider in plugin.providers}:
                names = {name for provider in plugin.providers if provider.kind is kind for name in provider.names}
                assert names == set(EXTRAS[kind][plugin.name])
