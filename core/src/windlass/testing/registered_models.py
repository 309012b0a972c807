"""What registered models promise."""

from __future__ import annotations

import pytest

from windlass.entities import ModelStage, RegisteredModel
from windlass.errors import AlreadyExists, InvalidQuery, NotFound
from windlass.interfaces import ModelRegistry, ModelVersionUpdate, RegisteredModelUpdate
from windlass.search import REGISTERED_MODELS
from windlass.testing.samples import HARD_TEXTS, needs_own_data, new_model, new_name, new_version, query


class RegisteredModelTests:
    """Creating, changing, renaming, deleting and finding registered models."""

    def test_a_model_is_returned_as_it_was_kept(self, registry: ModelRegistry) -> None:
        created = new_model(registry, "näme " + new_name(), description="d", tags={"a": "b"})
        assert registry.models.get(created.name) == created
        assert (created.description, created.tags) == ("d", {"a": "b"})
        assert (created.aliases, created.latest_versions) == ({}, ())

    def test_a_model_leaves_as_it_came(self, registry: ModelRegistry) -> None:
        needs_own_data(registry)
        given = RegisteredModel(new_name(), 2**53 + 1, 2**62, "🚂", {"k": "ü"})
        assert registry.models.create(given) == given

    def test_a_taken_name_is_refused(self, registry: ModelRegistry) -> None:
        created = new_model(registry, tags={"a": "b"})
        with pytest.raises(AlreadyExists):
            new_model(registry, created.name)
        assert registry.models.get(created.name) == created

    def test_names_mind_the_case(self, registry: ModelRegistry) -> None:
        name = new_name("Case")
        new_model(registry, name.lower(), description="lower")
        new_model(registry, name.upper(), description="upper")
        assert registry.models.get(name.lower()).description == "lower"

    def test_a_missing_registered_model_is_not_found(self, registry: ModelRegistry) -> None:
        name = new_name("missing")
        for call in (
            lambda: registry.models.get(name),
            lambda: registry.models.update(name, RegisteredModelUpdate(description="x")),
            lambda: registry.models.delete(name),
        ):
            with pytest.raises(NotFound):
                call()

    @pytest.mark.parametrize("text", HARD_TEXTS, ids=range(len(HARD_TEXTS)))
    def test_texts_of_a_registered_model_leave_as_they_came(self, registry: ModelRegistry, text: str) -> None:
        model = registry.models.get(new_model(registry, description=text, tags={"t": text}).name)
        assert (model.description, model.tags) == (text, {"t": text})

    def test_a_model_changes(self, registry: ModelRegistry) -> None:
        name = new_model(registry, tags={"keep": "1", "change": "1", "drop": "1"}).name
        registry.models.update(name, RegisteredModelUpdate(tags={"change": "2", "new": "3"}))
        registry.models.update(name, RegisteredModelUpdate(deleted_tags=("drop", "never-there")))
        updated = registry.models.update(name, RegisteredModelUpdate(description="new"))
        assert registry.models.get(name) == updated
        assert (updated.description, updated.tags) == ("new", {"keep": "1", "change": "2", "new": "3"})
        emptied = registry.models.update(name, RegisteredModelUpdate(description=""))
        assert emptied.description == ""

    def test_an_update_stamps_the_time(self, registry: ModelRegistry) -> None:
        needs_own_data(registry)
        name = new_model(registry, creation_timestamp=1, last_updated_timestamp=1).name
        updated = registry.models.update(name, RegisteredModelUpdate(tags={"a": "b"}, last_updated_timestamp=9))
        assert (updated.creation_timestamp, updated.last_updated_timestamp) == (1, 9)

    def test_a_new_name_moves_the_versions_along(self, registry: ModelRegistry) -> None:
        name, other = new_model(registry, tags={"t": "1"}).name, new_name("renamed")
        new_version(registry, name, tags={"a": "b"})
        new_version(registry, name)
        registry.models.update(name, RegisteredModelUpdate(aliases={"best": 1}))
        renamed = registry.models.update(name, RegisteredModelUpdate(name=other))
        assert (renamed.name, renamed.tags, renamed.aliases) == (other, {"t": "1"}, {"best": 1})
        version = registry.versions.get(other, 1)
        assert (version.name, version.tags, version.aliases) == (other, {"a": "b"}, ("best",))
        assert new_version(registry, other).version == 3
        with pytest.raises(NotFound):
            registry.models.get(name)
        with pytest.raises(NotFound):
            registry.versions.get(name, 1)

    def test_renaming_to_a_taken_name_changes_nothing(self, registry: ModelRegistry) -> None:
        one, other = new_model(registry).name, new_model(registry).name
        before = registry.models.get(one)
        with pytest.raises(AlreadyExists):
            registry.models.update(one, RegisteredModelUpdate(name=other))
        assert registry.models.get(one) == before

    def test_a_model_may_be_renamed_to_its_own_name(self, registry: ModelRegistry) -> None:
        name = new_model(registry).name
        assert registry.models.update(name, RegisteredModelUpdate(name=name)).name == name

    def test_an_alias_means_one_version_at_a_time(self, registry: ModelRegistry) -> None:
        name = new_model(registry).name
        for _ in range(2):
            new_version(registry, name)
        registry.models.update(name, RegisteredModelUpdate(aliases={"best": 1}))
        registry.models.update(name, RegisteredModelUpdate(aliases={"Best": 1}))
        registry.models.update(name, RegisteredModelUpdate(aliases={"best": 2}))
        assert registry.models.get(name).aliases == {"best": 2, "Best": 1}
        assert [registry.versions.get(name, number).aliases for number in (1, 2)] == [("Best",), ("best",)]
        registry.models.update(name, RegisteredModelUpdate(deleted_aliases=("best", "never-there")))
        assert registry.models.get(name).aliases == {"Best": 1}

    def test_an_alias_needs_its_version(self, registry: ModelRegistry) -> None:
        name = new_model(registry).name
        new_version(registry, name)
        with pytest.raises(NotFound):
            registry.models.update(name, RegisteredModelUpdate(aliases={"best": 2}))
        assert registry.models.get(name).aliases == {}

    def test_the_newest_version_of_each_stage_is_told(self, registry: ModelRegistry) -> None:
        name = new_model(registry).name
        for _ in range(4):
            new_version(registry, name)
        for number in (1, 2):
            registry.versions.update(name, number, ModelVersionUpdate(stage=ModelStage.STAGING))
        latest = registry.models.get(name).latest_versions
        assert {(one.version, one.current_stage) for one in latest} == {(2, "Staging"), (4, "None")}
        assert [one for one in latest if one.version == 2] == [registry.versions.get(name, 2)]

    def test_deleting_removes_the_model_with_its_versions(self, registry: ModelRegistry) -> None:
        name = new_model(registry, tags={"a": "b"}).name
        new_version(registry, name, tags={"a": "b"})
        registry.models.update(name, RegisteredModelUpdate(aliases={"best": 1}))
        registry.models.delete(name)
        for call in (lambda: registry.models.get(name), lambda: registry.versions.get(name, 1)):
            with pytest.raises(NotFound):
                call()
        again = new_model(registry, name)
        assert (again.tags, again.aliases, again.latest_versions) == ({}, {}, ())
        assert new_version(registry, name).tags == {}

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("name LIKE '{p}%'", "Cab"),
            ("name = '{p}-a'", "a"),
            ("name != '{p}-a' AND name LIKE '{p}%'", "Cb"),
            ("name ILIKE '{p}-c'", "C"),
            ("name IN ('{p}-a', '{p}-b')", "ab"),
            ("name LIKE '{p}%' AND name NOT IN ('{p}-a')", "Cb"),
            ("name LIKE '{p}%' AND tags.t = 'x'", "a"),
            ("name LIKE '{p}%' AND NOT tags.t = 'x'", "Cb"),
            ("name LIKE '{p}%' AND tags.t IS NULL", "C"),
            ("name LIKE '{p}%' AND (tags.t ILIKE 'X' OR description = 'about C')", "Cab"),
        ],
    )
    def test_registered_models_are_filtered(self, registry: ModelRegistry, text: str, expected: str) -> None:
        prefix = new_name("find")
        for letter, tags in {"a": {"t": "x"}, "b": {"t": "X"}, "C": {}}.items():
            new_model(registry, f"{prefix}-{letter}", tags=tags, description=f"about {letter}")
        found = registry.models.search(query(REGISTERED_MODELS, text.format(p=prefix)))
        assert "".join(one.name[-1] for one in found) == expected

    def test_models_come_in_pages(self, registry: ModelRegistry) -> None:
        prefix = new_name("page")
        for number in range(5):
            name = new_model(registry, f"{prefix}-{number}").name
            new_version(registry, name)
            registry.models.update(name, RegisteredModelUpdate(aliases={"a": 1}))
        text = f"name LIKE '{prefix}%'"
        found: list[RegisteredModel] = []
        token = None
        while True:
            asked = query(REGISTERED_MODELS, text, ["name DESC"], max_results=2, page_token=token)
            page = registry.models.search(asked)
            found += page
            token = page.token
            if token is None:
                break
        assert found == [registry.models.get(f"{prefix}-{number}") for number in (4, 3, 2, 1, 0)]

    def test_a_foreign_token_is_refused(self, registry: ModelRegistry) -> None:
        prefix = new_name("token")
        for number in range(2):
            new_model(registry, f"{prefix}-{number}")
        token = registry.models.search(query(REGISTERED_MODELS, f"name LIKE '{prefix}%'", max_results=1)).token
        for text, forged in (("name LIKE '%'", token), (f"name LIKE '{prefix}%'", "nonsense")):
            with pytest.raises(InvalidQuery):
                registry.models.search(query(REGISTERED_MODELS, text, page_token=forged))
