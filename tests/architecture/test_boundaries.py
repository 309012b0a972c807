from __future__ import annotations

import inspect
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from windlass.cli.plugin_check import INTERFACES, problems
from windlass.errors import MissingDependency
from windlass.plugins import Kind, PluginManager, load_object
from windlass.testing import SUITES

ROOT = Path(__file__).parents[2]
STRANGERS = {"example", "template"}
WITHOUT_SUITE = {Kind.PYTHON_MODULE}
MAX_ABSTRACT = 12


@pytest.fixture(scope="module")
def manager() -> PluginManager:
    return PluginManager(found=[one for one in entry_points(group="windlass") if one.name not in STRANGERS])


FIRST_PARTY = [
    (plugin.name, provider)
    for plugin in PluginManager(
        found=[one for one in entry_points(group="windlass") if one.name not in STRANGERS]
    ).plugins
    for provider in plugin.providers
]


def test_the_layers_hold():
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_first_party_plugin_is_broken_and_no_name_is_claimed_twice(manager):
    assert [(one.name, one.error) for one in manager.broken] == []
    assert manager.clashes == []


@pytest.mark.parametrize("name", [one.name for one in entry_points(group="windlass") if one.name not in STRANGERS])
def test_every_target_loads_and_implements_its_interface(manager, name):
    (plugin,) = [one for one in manager.plugins if one.name == name]
    assert problems(plugin) == []


@pytest.mark.parametrize(
    ("plugin", "provider"), FIRST_PARTY, ids=[f"{plugin}-{one.kind}-{one.names[0]}" for plugin, one in FIRST_PARTY]
)
def test_every_first_party_provider_has_a_conformance_suite(plugin, provider):
    if provider.kind in WITHOUT_SUITE:
        assert provider.kind not in SUITES
        return
    assert provider.suite is not None
    try:
        suite = load_object(provider.suite)
    except ModuleNotFoundError as error:
        raise MissingDependency(f"{plugin}: {provider.suite}") from error
    assert issubclass(suite, load_object(SUITES[provider.kind]))


@pytest.mark.parametrize("interface", INTERFACES.values(), ids=lambda one: one.__name__)
def test_an_interface_is_small_enough_to_be_implemented_in_an_afternoon(interface):
    module = inspect.getmodule(interface)
    for _, kind in inspect.getmembers(module, inspect.isclass):
        if kind.__module__ == module.__name__:
            assert len(getattr(kind, "__abstractmethods__", ())) <= MAX_ABSTRACT


def test_an_interface_is_documented_method_by_method():
    for interface in INTERFACES.values():
        for name in interface.__abstractmethods__:
            assert inspect.getdoc(getattr(interface, name)), f"{interface.__name__}.{name}"
