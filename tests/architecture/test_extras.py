"""A scheme whose plugin is not installed names the extra to install."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from windlass.config import Settings
from windlass.errors import PluginError
from windlass.plugins import Kind, PluginManager
from windlass.plugins.extras import EXTRAS

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("extra", ["azure", "gcs", "hdfs", "s3", "sftp"])
def test_the_extra_of_a_scheme_is_named_when_its_plugin_is_missing(extra):
    manager = PluginManager(Settings(disable_plugins=(extra,)))
    for scheme in EXTRAS[Kind.ARTIFACT_REPOSITORY][extra]:
        with pytest.raises(PluginError, match=f"scheme '{scheme}'") as raised:
            manager.provider(Kind.ARTIFACT_REPOSITORY, scheme)
        assert raised.value.hint == f"pip install 'windlass[{extra}]'"


def test_every_scheme_of_an_extra_is_known():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    manager = PluginManager(Settings())
    for plugin in manager.plugins:
        names = {
            name
            for provider in plugin.providers
            if provider.kind is Kind.ARTIFACT_REPOSITORY
            for name in provider.names
        }
        if plugin.name in extras:
            assert names == set(EXTRAS[Kind.ARTIFACT_REPOSITORY][plugin.name])
