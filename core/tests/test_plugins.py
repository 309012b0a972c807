from __future__ import annotations

import logging
from importlib.metadata import EntryPoint
from types import SimpleNamespace

import pytest

from windlass.config import Settings
from windlass.entities import ModelVersion, Run, RunInfo
from windlass.errors import MissingDependency, PluginError
from windlass.plugins import Command, Kind, PluginManager, Provider, hookimpl


def provider(name: str, target: str = "json:JSONDecoder", kind: Kind = Kind.TRACKING_STORE, **more) -> Provider:
    return Provider(kind, (name,), target, "A thing.", **more)


def plugin(name: str, providers=(), **hooks) -> SimpleNamespace:
    @hookimpl
    def windlass_providers():
        return list(providers)

    return SimpleNamespace(__name__=name, windlass_providers=windlass_providers, **hooks)


@pytest.fixture
def manager() -> PluginManager:
    return PluginManager(found=())


def test_cores_own_plugin_comes_in_through_the_same_door():
    names = {one.name for one in PluginManager().plugins}
    assert "core" in names
    assert "memory" in PluginManager().names(Kind.TRACKING_STORE)


def test_a_target_is_imported_when_it_is_selected(manager):
    manager.register(plugin("a", [provider("x"), provider("y", "no.such.module:Thing")]))
    assert manager.load(Kind.TRACKING_STORE, "x").__name__ == "JSONDecoder"
    with pytest.raises(PluginError, match=r"no\.such\.module:Thing cannot be imported"):
        manager.load(Kind.TRACKING_STORE, "y")


def test_a_missing_driver_says_what_to_install(manager):
    manager.register(plugin("a", [provider("x", "no_such_driver:Thing", install="windlass-a[x]")]))
    with pytest.raises(MissingDependency, match="pip install 'windlass-a\\[x\\]'"):
        manager.load(Kind.TRACKING_STORE, "x")


def test_an_unknown_name_lists_the_known_ones(manager):
    manager.register(plugin("a", [provider("sqlite"), provider("memory")]))
    with pytest.raises(PluginError, match=r"no tracking_store for scheme 'sqlit' \(known: memory, sqlite\)"):
        manager.provider(Kind.TRACKING_STORE, "sqlit")


def test_two_claims_on_one_name_are_refused_and_both_named(manager):
    manager.register(plugin("a", [provider("x", "a.mod:A"), provider("other")]))
    manager.register(plugin("b", [provider("x", "b.mod:B")]))
    with pytest.raises(PluginError, match=r"claimed by a\.mod:A and by b\.mod:B"):
        manager.load(Kind.TRACKING_STORE, "x")
    assert manager.load(Kind.TRACKING_STORE, "other")
    assert manager.clashes == ["tracking_store 'x' is claimed by a.mod:A and by b.mod:B"]


def entry(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, "windlass")


def test_a_broken_plugin_is_kept_apart_and_named_when_something_is_missing():
    manager = PluginManager(found=[entry("core", "windlass.builtin.plugin"), entry("bad", "no.such.manifest")])
    assert [one.name for one in manager.broken] == ["bad"]
    assert manager.load(Kind.ARTIFACT_REPOSITORY, "file")
    with pytest.raises(PluginError, match="broken plugins: bad: ModuleNotFoundError"):
        manager.load(Kind.ARTIFACT_REPOSITORY, "s3")


def test_a_manifest_that_raises_or_returns_nonsense_is_broken(manager):
    def explode():
        raise RuntimeError("boom")

    manager.register(SimpleNamespace(__name__="raises", windlass_providers=hookimpl(explode)))
    manager.register(plugin("nonsense", ["not a provider"]))
    assert [(one.name, one.status) for one in manager.plugins] == [("raises", "broken"), ("nonsense", "broken")]


def test_a_hook_that_does_not_exist_makes_its_plugin_broken(manager):
    @hookimpl
    def windlass_run_creatd(run):
        del run

    manager.register(plugin("typo", windlass_run_creatd=windlass_run_creatd))
    assert "windlass_run_creatd" in str(manager.broken[0].error)


@pytest.mark.parametrize(
    ("settings", "status"),
    [
        (Settings(disable_plugins=("a",)), {"core": "ok", "a": "disabled", "b": "ok"}),
        (Settings(only_plugins=("a",)), {"core": "ok", "a": "ok", "b": "disabled"}),
        (Settings(disable_plugins=("core",)), {"core": "ok", "a": "ok", "b": "ok"}),
    ],
)
def test_plugins_can_be_turned_off(settings, status):
    found = [entry("core", "windlass.builtin.plugin"), entry("a", "json"), entry("b", "textwrap")]
    manager = PluginManager(settings, found)
    assert {one.name: one.status for one in manager.plugins} == status


RUN = Run(RunInfo("r", "0", "name", "ann"))


def test_events_reach_every_plugin_even_when_one_fails(manager, caplog):
    seen = []

    @hookimpl
    def fail(run):
        raise RuntimeError(run.info.run_id)

    @hookimpl
    def note(run):
        seen.append(run)

    @hookimpl
    def bare():
        seen.append("no arguments")

    for number, hook in enumerate((note, fail, bare)):
        manager.register(plugin(f"p{number}", windlass_run_created=hook))
    with caplog.at_level(logging.ERROR):
        manager.run_created(RUN)
    assert seen in ([RUN, "no arguments"], ["no arguments", RUN])
    assert "failed in windlass_run_created" in caplog.text


def test_a_veto_gives_its_reason_and_a_failing_judge_forbids(manager):
    @hookimpl
    def no(stage):
        return "not on a Friday" if stage == "Production" else None

    manager.register(plugin("judge", windlass_model_version_transitioning=no))
    version = ModelVersion("m", 1, "s3://x")
    assert manager.objections(version, "Production") == ["not on a Friday"]
    assert manager.objections(version, "Staging") == []

    @hookimpl
    def broken(stage):
        raise RuntimeError(stage)

    manager.register(plugin("broken judge", windlass_model_version_transitioning=broken))
    assert "failed to judge" in manager.objections(version, "Staging")[0]


def test_commands_of_plugins_are_found_and_the_first_of_equal_names_wins(manager):
    first, second = Command("go", "a:go", "Goes."), Command("go", "b:go", "Goes too.")
    for name, command in (("a", first), ("b", second)):
        hook = hookimpl(lambda command=command: [command])
        manager.register(SimpleNamespace(__name__=name, windlass_commands=hook))
    assert manager.commands() == {"go": first}
