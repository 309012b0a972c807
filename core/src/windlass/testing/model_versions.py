"""What model versions promise."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from windlass.entities import ModelStage, ModelVersion, ModelVersionStatus
from windlass.errors import NotFound
from windlass.interfaces import ModelRegistry, ModelVersionUpdate, NumbersVersions, RegisteredModelUpdate
from windlass.search import MODEL_VERSIONS
from windlass.testing.samples import HARD_TEXTS, needs_own_data, new_model, new_name, new_version, query


class ModelVersionTests:
    """Creating, changing, staging, deleting and finding versions."""

    def test_a_version_is_returned_as_it_was_kept(self, registry: ModelRegistry) -> None:
        name = new_model(registry).name
        created = new_version(registry, name, description="d", run_link="l", tags={"a": "b"})
        assert registry.versions.get(name, 1) == created
        assert (created.name, created.version, created.current_stage) == (name, 1, ModelStage.NONE)
        assert (created.description, created.tags, created.aliases) == ("d", {"a": "b"}, ())

    def test_a_version_leaves_as_it_came(self, registry: ModelRegistry) -> None:
        needs_own_data(registry)
        name = new_model(registry).name
        given = ModelVersion(
            name, 1, "s3://ü", "run", "m-1", "link", 2**53 + 1, 2**62, "🚂", "ada", "Staging", "READY", "ok", {"k": "v"}
        )
        assert registry.versions.create(given) == given
        assert registry.versions.get(name, 1) == given

    def test_a_version_needs_its_model(self, registry: ModelRegistry) -> None:
        name = new_name("missing")
        for call in (
            lambda: new_version(registry, name),
            lambda: registry.versions.get(name, 1),
            lambda: registry.versions.update(name, 1, ModelVersionUpdate(description="x")),
            lambda: registry.versions.delete(name, 1),
        ):
            with pytest.raises(NotFound):
                call()

    def test_a_missing_number_is_not_found(self, registry: ModelRegistry) -> None:
        name = new_model(registry).name
        for call in (
            lambda: registry.versions.get(name, 1),
            lambda: registry.versions.update(name, 1, ModelVersionUpdate(description="x")),
            lambda: registry.versions.delete(name, 1),
        ):
            with pytest.raises(NotFound):
                call()

    def test_numbers_count_from_one_and_are_never_used_again(self, registry: ModelRegistry) -> None:
        name = new_model(registry).name
        assert [new_version(registry, name).version for _ in range(3)] == [1, 2, 3]
        registry.versions.delete(name, 3)
        registry.versions.delete(name, 1)
        assert new_version(registry, name).version == 4

    def test_numbers_can_be_moved_on(self, registry: ModelRegistry) -> None:
        versions = registry.versions
        if not isinstance(versions, NumbersVersions):
            pytest.skip("this registry keeps its numbers to itself")
        name = new_model(registry).name
        assert versions.last_number(name) == 0
        versions.reserve(name, 6)
        assert [new_version(registry, name).version for _ in range(2)] == [7, 8]
        versions.reserve(name, 3)
        versions.delete(name, 8)
        assert versions.last_number(name) == 8
        assert new_version(registry, name).version == 9
        other = new_name("renamed")
        registry.models.update(name, RegisteredModelUpdate(name=other))
        assert versions.last_number(other) == 9
        for call in (lambda: versions.last_number(name), lambda: versions.reserve(name, 1)):
            with pytest.raises(NotFound):
                call()

    def test_two_callers_never_get_the_same_number(self, registry: ModelRegistry) -> None:
        name = new_model(registry).name
        with ThreadPoolExecutor(8) as pool:
            versions = list(pool.map(lambda _: new_version(registry, name).version, range(24)))
        assert sorted(versions) == list(range(1, 25))

    @pytest.mark.parametrize("text", HARD_TEXTS, ids=range(len(HARD_TEXTS)))
    def test_texts_of_a_version_leave_as_they_came(self, registry: ModelRegistry, text: str) -> None:
        name = new_model(registry).name
        new_version(registry, name, description=text, tags={"t": text})
        version = registry.versions.get(name, 1)
        assert (version.description, version.tags) == (text, {"t": text})

    def test_a_version_changes(self, registry: ModelRegistry) -> None:
        name = new_model(registry).name
        new_version(registry, name, tags={"keep": "1", "change": "1", "drop": "1"})
        registry.versions.update(name, 1, ModelVersionUpdate(tags={"change": "2", "new": "3"}))
        registry.versions.update(name, 1, ModelVersionUpdate(deleted_tags=("drop",)))
        updated = registry.versions.update(name, 1, ModelVersionUpdate(description="new"))
        assert registry.versions.get(name, 1) == updated
        assert (updated.description, updated.tags) == ("new", {"keep": "1", "change": "2", "new": "3"})

    def test_the_status_changes(self, registry: ModelRegistry) -> None:
        needs_own_data(registry)
        name = new_model(registry).name
        new_version(registry, name)
        change = ModelVersionUpdate(status=ModelVersionStatus.FAILED_REGISTRATION, status_message="why")
        updated = registry.versions.update(name, 1, change)
        assert (updated.status, updated.status_message) == ("FAILED_REGISTRATION", "why")

    def test_a_version_changes_its_stage(self, registry: ModelRegistry) -> None:
        name = new_model(registry).name
        for _ in range(2):
            new_version(registry, name)
        for number in (1, 2):
            registry.versions.update(name, number, ModelVersionUpdate(stage=ModelStage.PRODUCTION))
        stages = [registry.versions.get(name, number).current_stage for number in (1, 2)]
        assert stages == ["Production", "Production"]

    def test_the_others_of_the_stage_are_archived_when_asked(self, registry: ModelRegistry) -> None:
        name, other = new_model(registry).name, new_model(registry).name
        new_version(registry, other)
        for _ in range(3):
            new_version(registry, name)
        production = ModelVersionUpdate(stage=ModelStage.PRODUCTION)
        registry.versions.update(other, 1, production)
        registry.versions.update(name, 1, production)
        registry.versions.update(name, 2, ModelVersionUpdate(stage=ModelStage.STAGING))
        registry.versions.update(name, 3, ModelVersionUpdate(stage=ModelStage.PRODUCTION, archive_others=True))
        stages = [registry.versions.get(name, number).current_stage for number in (1, 2, 3)]
        assert stages == ["Archived", "Staging", "Production"]
        assert registry.versions.get(other, 1).current_stage == "Production"

    def test_deleting_removes_the_version_and_its_aliases(self, registry: ModelRegistry) -> None:
        name = new_model(registry).name
        for _ in range(2):
            new_version(registry, name, tags={"a": "b"})
        registry.models.update(name, RegisteredModelUpdate(aliases={"one": 1, "two": 2}))
        registry.versions.delete(name, 1)
        with pytest.raises(NotFound):
            registry.versions.get(name, 1)
        model = registry.models.get(name)
        assert model.aliases == {"two": 2}
        assert [one.version for one in model.latest_versions] == [2]

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("name = '{n}'", [3, 2, 1]),
            ("name = '{n}' AND version > 1", [3, 2]),
            ("name = '{n}' AND version_number IN (1, 3)", [3, 1]),
            ("name = '{n}' AND source_path LIKE '%/1'", [1]),
            ("name = '{n}' AND run_id = 'r1'", [1]),
            ("name = '{n}' AND run_id IN ('r1', 'r2')", [2, 1]),
            ("name = '{n}' AND NOT run_id = 'r1'", [3, 2]),
            ("name = '{n}' AND run_id != 'r1'", [2]),
            ("name = '{n}' AND run_id IS NULL", [3]),
            ("name = '{n}' AND tags.t = 'x'", [1]),
            ("name = '{n}' AND tags.t IS NULL", [3, 2]),
            ("name = '{n}' AND stage = 'Staging'", [2]),
            ("name = '{n}' AND (run_id = 'r1' OR stage = 'Staging')", [2, 1]),
            ("name = '{N}'", []),
        ],
    )
    def test_versions_are_filtered(self, registry: ModelRegistry, text: str, expected: list[int]) -> None:
        needs_own_data(registry)
        name = new_model(registry).name
        for number, run_id in enumerate(("r1", "r2", None), start=1):
            tags = {"t": "x"} if number == 1 else {}
            new_version(registry, name, source=f"s3://b/{number}", run_id=run_id, tags=tags)
        registry.versions.update(name, 2, ModelVersionUpdate(stage=ModelStage.STAGING))
        asked = query(MODEL_VERSIONS, text.format(n=name, N=name.upper()), ["version DESC"])
        assert [one.version for one in registry.versions.search(asked)] == expected

    def test_versions_come_in_pages_while_some_are_added(self, registry: ModelRegistry) -> None:
        name = new_model(registry).name
        for _ in range(5):
            new_version(registry, name, tags={"a": "b"})
        registry.models.update(name, RegisteredModelUpdate(aliases={"best": 2}))
        found: list[ModelVersion] = []
        token = None
        while True:
            asked = query(MODEL_VERSIONS, f"name = '{name}'", ["version DESC"], max_results=2, page_token=token)
            page = registry.versions.search(asked)
            found += page
            token = page.token
            if token is None:
                break
            new_version(registry, name)
        assert found == [registry.versions.get(name, number) for number in (5, 4, 3, 2, 1)]
