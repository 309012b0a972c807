"""ModelRegistryMachine: random operations on a registry and on core's memory registry, which must stay alike.

Subclass it, let `open_registry` return an empty registry, and give its `TestCase` to pytest.
"""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from windlass.builtin.memory_registry import MemoryModelRegistry
from windlass.builtin.memory_state import RegistryState
from windlass.entities import ModelStage, ModelVersion, RegisteredModel
from windlass.interfaces import ModelRegistry, ModelVersionUpdate, NumbersVersions, RegisteredModelUpdate
from windlass.search import MODEL_VERSIONS, REGISTERED_MODELS, Query
from windlass.testing import strategies as some
from windlass.testing.comparison import Pair

_stages = st.sampled_from(ModelStage)
_deleted = st.lists(some.keys, max_size=2).map(tuple)
_numbers = st.integers(1, 4)
_aliases = st.sampled_from(["best", "Best", "new"])
_optional = st.none() | st.sampled_from(["r1", "R1", "m%"])
_page = st.integers(1, 4)


class ModelRegistryMachine(RuleBasedStateMachine):
    """Compares a registry with the memory registry; override `open_registry`."""

    def open_registry(self) -> ModelRegistry:
        """An empty registry."""
        raise NotImplementedError

    def __init__(self) -> None:
        super().__init__()
        tested = self.open_registry()
        self.pair: Pair[ModelRegistry] = Pair(tested, MemoryModelRegistry(RegistryState()))

    @rule(name=some.names, text=some.texts, tags=some.tags, time=some.times)
    def create_model(self, name: str, text: str, tags: dict[str, str], time: int) -> None:
        self.pair.do(lambda registry: registry.models.create(RegisteredModel(name, time, time, text, tags)))

    @rule(
        name=some.names,
        update=st.builds(
            RegisteredModelUpdate,
            name=st.none() | some.names,
            description=st.none() | some.texts,
            tags=some.tags,
            deleted_tags=_deleted,
            aliases=st.dictionaries(_aliases, _numbers, max_size=2),
            deleted_aliases=st.lists(_aliases, max_size=1).map(tuple),
            last_updated_timestamp=some.times,
        ),
    )
    def update_model(self, name: str, update: RegisteredModelUpdate) -> None:
        self.pair.do(lambda registry: registry.models.update(name, update))

    @rule(name=some.names)
    def delete_model(self, name: str) -> None:
        self.pair.do(lambda registry: registry.models.delete(name))

    @rule(name=some.names)
    def get_model(self, name: str) -> None:
        self.pair.do(lambda registry: registry.models.get(name))

    @rule(
        version=st.builds(
            ModelVersion,
            some.names,
            st.just(0),
            some.texts,
            _optional,
            _optional,
            creation_timestamp=some.times,
            last_updated_timestamp=some.times,
            description=some.texts,
            current_stage=_stages,
            tags=some.tags,
        )
    )
    def create_version(self, version: ModelVersion) -> None:
        self.pair.do(lambda registry: registry.versions.create(version))

    @rule(
        name=some.names,
        number=_numbers,
        update=st.builds(
            ModelVersionUpdate,
            description=st.none() | some.texts,
            stage=st.none() | _stages,
            archive_others=st.booleans(),
            status=st.none() | some.texts,
            status_message=st.none() | some.texts,
            tags=some.tags,
            deleted_tags=_deleted,
            last_updated_timestamp=some.times,
        ),
    )
    def update_version(self, name: str, number: int, update: ModelVersionUpdate) -> None:
        self.pair.do(lambda registry: registry.versions.update(name, number, update))

    @rule(name=some.names, number=_numbers)
    def delete_version(self, name: str, number: int) -> None:
        self.pair.do(lambda registry: registry.versions.delete(name, number))

    @rule(name=some.names, number=st.integers(0, 6))
    def reserve_numbers(self, name: str, number: int) -> None:
        if not isinstance(self.pair.tested.versions, NumbersVersions):
            return

        def reserve(registry: ModelRegistry) -> int:
            versions = registry.versions
            assert isinstance(versions, NumbersVersions)
            versions.reserve(name, number)
            return versions.last_number(name)

        self.pair.do(reserve)

    @rule(
        query=st.builds(
            Query,
            filter=some.filters(REGISTERED_MODELS),
            order_by=some.orderings(REGISTERED_MODELS),
            max_results=_page,
        )
    )
    def search_models(self, query: Query) -> None:
        self.pair.search(lambda registry, asked: registry.models.search(asked), query)

    @rule(
        query=st.builds(
            Query, filter=some.filters(MODEL_VERSIONS), order_by=some.orderings(MODEL_VERSIONS), max_results=_page
        )
    )
    def search_versions(self, query: Query) -> None:
        self.pair.search(lambda registry, asked: registry.versions.search(asked), query)
