"""The registry where several write at once, and where a process dies in the middle."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from windlass.config import Settings
from windlass.entities import ModelVersion, RegisteredModel
from windlass.errors import AlreadyExists, NotFound, Unavailable
from windlass.interfaces import ModelVersionUpdate, RegisteredModelUpdate
from windlass.search import MODEL_VERSIONS, REGISTERED_MODELS
from windlass.testing.samples import new_model, new_name, new_version, query
from windlass_elasticsearch import schema, version_steps
from windlass_elasticsearch.cluster import Cluster
from windlass_elasticsearch.documents import read
from windlass_elasticsearch.indices import ALL
from windlass_elasticsearch.indices import MODEL_VERSIONS as VERSION_INDEX
from windlass_elasticsearch.model_roots import ModelRoots
from windlass_elasticsearch.model_version_documents import version_id
from windlass_elasticsearch.registry import ElasticsearchModelRegistry


@pytest.fixture
def registry(prefix_uri) -> Iterator[ElasticsearchModelRegistry]:
    with ElasticsearchModelRegistry.open(prefix_uri, Settings()) as registry:
        yield registry


@pytest.fixture
def other(prefix_uri) -> Iterator[ElasticsearchModelRegistry]:
    """The same as another process sees it."""
    with ElasticsearchModelRegistry.open(prefix_uri, Settings()) as registry:
        yield registry


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def dying(monkeypatch) -> Callable[[int, Callable[[], Any]], bool]:
    """Does something in a process that dies before its so-manyth write; whether it died."""

    def do(writes: int, work: Callable[[], Any]) -> bool:
        left = itertools.count(writes, -1)

        def counted(method: Callable[..., Any]) -> Callable[..., Any]:
            def call(*arguments: Any, **named: Any) -> Any:
                if next(left) <= 0:
                    raise Killed
                return method(*arguments, **named)

            return call

        with monkeypatch.context() as patch:
            for name in ("write", "remove", "bulk", "remove_matching"):
                patch.setattr(Cluster, name, counted(getattr(Cluster, name)))
            patch.setattr(version_steps, "_write", counted(version_steps._write))
            try:
                work()
            except Killed:
                return True
        return False

    return do


def numbers(registry: ElasticsearchModelRegistry, name: str, text: str = "") -> list[int]:
    """The numbers of a model's versions, as a search finds them."""
    wanted = f"name = '{name}'" + (f" AND {text}" if text else "")
    return [one.version for one in registry.versions.search(query(MODEL_VERSIONS, wanted, ["version"]))]


def test_numbers_are_never_doubled_between_processes(registry, other) -> None:
    name = new_model(registry).name
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda n: new_version((registry, other)[n % 2], name).version, range(20)))
    assert sorted(made) == list(range(1, 21))
    assert numbers(other, name) == sorted(made)


def test_of_many_who_want_a_name_one_gets_it(registry, other) -> None:
    for _ in range(5):
        name = new_name("wanted")
        renamed = [new_model(registry).name for _ in range(3)]

        def want(number: int, name: str = name, renamed: list[str] = renamed) -> bool:
            store = (registry, other)[number % 2].models
            try:
                if number < len(renamed):
                    store.update(renamed[number], RegisteredModelUpdate(name=name))
                else:
                    store.create(RegisteredModel(name, description=str(number)))
            except AlreadyExists:
                return False
            return True

        with ThreadPoolExecutor(6) as pool:
            assert sum(pool.map(want, range(6))) == 1
        assert registry.models.get(name).name == name
        found = other.models.search(query(REGISTERED_MODELS, f"name = '{name}'"))
        assert len(found) == 1


def test_a_new_name_that_was_half_taken_is_taken_whole_or_not_at_all(registry, other, dying) -> None:
    for writes in itertools.count():
        old, new = new_name("old"), new_name("new")
        new_model(registry, old, tags={"t": "1"})
        for _ in range(3):
            new_version(registry, old)
        registry.models.update(old, RegisteredModelUpdate(aliases={"best": 2}))
        update = RegisteredModelUpdate(name=new, description="changed")
        died = dying(writes, lambda old=old, update=update: registry.models.update(old, update))
        there, gone = (new, old) if _exists(other, new) else (old, new)
        assert not _exists(other, gone)
        model = other.models.get(there)
        assert (model.aliases, model.description) == ({"best": 2}, "changed" if there == new else "")
        assert other.versions.get(there, 2).aliases == ("best",)
        assert (numbers(other, there), numbers(other, gone)) == ([1, 2, 3], [])
        assert new_version(other, there).version == 4
        new_model(other, gone)
        if not died:
            assert there == new
            return


def test_archiving_that_was_cut_short_is_whole_or_did_not_happen(registry, other, dying) -> None:
    update = ModelVersionUpdate(stage="Production", archive_others=True, last_updated_timestamp=9)
    for writes in itertools.count():
        name = new_model(registry).name
        for _ in range(4):
            new_version(registry, name)
        for number in (1, 2):
            registry.versions.update(name, number, ModelVersionUpdate(stage="Production"))
        died = dying(writes, lambda name=name: registry.versions.update(name, 3, update))
        happened = other.versions.get(name, 3).current_stage == "Production"
        production, archived = ([3], [1, 2]) if happened else ([1, 2], [])
        assert numbers(other, name, "current_stage = 'Production'") == production
        assert numbers(other, name, "current_stage = 'Archived'") == archived
        assert [one.version for one in other.models.get(name).latest_versions if one.current_stage == "None"] == [4]
        if not died:
            assert happened
            return


def test_a_model_that_was_half_deleted_is_gone_or_there(registry, other, dying) -> None:
    for writes in itertools.count():
        name = new_model(registry).name
        new_version(registry, name)
        died = dying(writes, lambda name=name: registry.models.delete(name))
        if _exists(other, name):
            assert numbers(other, name) == [1]
        else:
            assert numbers(other, name) == []
            assert new_version(other, new_model(other, name).name).version == 1
        if not died:
            return


def test_a_version_that_was_half_made_is_there_or_not(registry, other, dying) -> None:
    for writes in itertools.count():
        name = new_model(registry).name
        died = dying(writes, lambda name=name: new_version(registry, name, tags={"a": "b"}))
        there = other.versions.last_number(name) == 1
        assert numbers(other, name) == ([1] if there else [])
        if there:
            assert other.versions.get(name, 1).tags == {"a": "b"}
        if not died:
            assert there
            return


def test_a_process_that_comes_late_brings_nothing_back(registry, other) -> None:
    name = new_model(registry).name
    new_version(registry, name)
    late = ModelRoots(registry._cluster).find(name)
    other.versions.update(name, 1, ModelVersionUpdate(description="newer"))
    other.versions.delete(name, 1)
    journal = late.source["journal"]
    for step, said in journal["steps"]:
        version_steps.JOURNAL._steps[step](registry._cluster, late, said)
    with pytest.raises(NotFound):
        registry.versions.get(name, 1)
    assert numbers(registry, name) == []
    kept = read(registry._cluster, VERSION_INDEX.name, version_id(late.source["uid"], 1))
    assert kept is not None
    assert kept.source["gone"]


def test_models_can_be_read_while_the_cluster_takes_no_writes(own_uri, monkeypatch) -> None:
    with ElasticsearchModelRegistry.open(own_uri, Settings()) as registry:
        name = new_model(registry).name
        for _ in range(3):
            new_version(registry, name)
        registry.versions.update(name, 1, ModelVersionUpdate(stage="Staging"))
        registry.versions.update(name, 2, ModelVersionUpdate(stage="Staging", archive_others=True))
        client, indices = registry._cluster.client, f"{registry._cluster.address.prefix}-*"
        client.indices.put_settings(index=indices, settings={"index.blocks.read_only_allow_delete": True})
        # As another process sees it, which has taken no steps yet.
        monkeypatch.setattr(version_steps.JOURNAL, "_taken", {})
        assert registry.versions.get(name, 2).current_stage == "Staging"
        assert [one.version for one in registry.models.get(name).latest_versions] == [1, 2, 3]
        assert numbers(registry, name, "stage = 'Archived'") == [1]
        assert [one.name for one in registry.models.search(query(REGISTERED_MODELS))] == [name]
        with pytest.raises(Unavailable) as raised:
            new_version(registry, name)
        assert raised.value.details["retry_after"] > 0
        client.indices.put_settings(index=indices, settings={"index.blocks.read_only_allow_delete": None})
        assert new_version(registry, name).version == 4


def test_versions_keep_the_numbers_of_their_changes_in_an_upgrade(own_uri, monkeypatch) -> None:
    older = tuple(replace(index, version=0) if index is VERSION_INDEX else index for index in ALL)
    with monkeypatch.context() as patched:
        patched.setattr(schema, "REVISION", "0000")
        patched.setattr(schema, "ALL", older)
        with ElasticsearchModelRegistry.open(own_uri, Settings()) as registry:
            name = new_model(registry).name
            for number in (1, 2):
                new_version(registry, name)
                registry.versions.update(name, number, ModelVersionUpdate(description="changed"))
    ElasticsearchModelRegistry.upgrade(own_uri, Settings())
    with ElasticsearchModelRegistry.open(own_uri, Settings()) as registry:
        uid = ModelRoots(registry._cluster).find(name).source["uid"]
        places = [(VERSION_INDEX.name, version_id(uid, number)) for number in (1, 2)]
        assert [hit and hit["_version"] for hit in registry._cluster.get_many(places)] == [2, 4]
        registry.versions.update(name, 1, ModelVersionUpdate(description="again"))
        assert [registry.versions.get(name, number).description for number in (1, 2)] == ["again", "changed"]


def test_many_versions_are_renamed_and_archived(registry) -> None:
    name, other_name = new_model(registry).name, new_name("renamed")
    given = ModelVersion(name, 0, "s3://b", current_stage="Staging")
    for _ in range(30):
        registry.versions.create(given)
    registry.versions.update(name, 7, ModelVersionUpdate(stage="Staging", archive_others=True))
    registry.models.update(name, RegisteredModelUpdate(name=other_name))
    assert numbers(registry, other_name, "stage = 'Staging'") == [7]
    assert len(numbers(registry, other_name, "stage = 'Archived'")) == 29


def _exists(registry: ElasticsearchModelRegistry, name: str) -> bool:
    try:
        registry.models.get(name)
    except NotFound:
        return False
    return True
