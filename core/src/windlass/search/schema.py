"""What can be searched: the fields of each entity, their types and the names people use for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from windlass.errors import InvalidQuery
from windlass.search.syntax import Aggregate, Field, FieldKind

PREFIXES: Mapping[str, FieldKind] = {
    "attribute": FieldKind.ATTRIBUTE,
    "attributes": FieldKind.ATTRIBUTE,
    "attr": FieldKind.ATTRIBUTE,
    "metric": FieldKind.METRIC,
    "metrics": FieldKind.METRIC,
    "param": FieldKind.PARAM,
    "params": FieldKind.PARAM,
    "parameter": FieldKind.PARAM,
    "parameters": FieldKind.PARAM,
    "tag": FieldKind.TAG,
    "tags": FieldKind.TAG,
    "dataset": FieldKind.DATASET,
    "datasets": FieldKind.DATASET,
}
"""What people write before the dot, in filters, orderings and selections."""
_DATASET_KEYS = ("name", "digest", "context")
# MLflow's clients ask for all that are no prompts whenever they list models.
_REGISTRY_MARKS = frozenset({"mlflow.prompt.is_prompt"})


@dataclass(frozen=True, slots=True)
class Schema:
    """The searchable fields of one entity.

    `numbers` and `texts` are its attributes by type, `aliases` maps other spellings to them, `kinds` says what else it
    has. `default_order` is the ordering of a search that names none, as attribute and direction.
    """

    entity: str
    numbers: frozenset[str]
    texts: frozenset[str]
    kinds: frozenset[FieldKind]
    default_order: tuple[tuple[str, bool], ...]
    aliases: Mapping[str, str] = field(default_factory=dict)
    own_prefixes: frozenset[str] = frozenset()
    histories: bool = False
    """Whether terms may ask for the whole history of a metric."""
    marks: frozenset[str] = frozenset()
    """Tags that only mark some entities: `!=` also holds for those without the mark."""

    def field(self, prefix: str | None, key: str, *, query: str) -> Field:
        """The field that `prefix.key` names; InvalidQuery if this entity has no such field."""
        kind = FieldKind.ATTRIBUTE if prefix is None or prefix in self.own_prefixes else PREFIXES.get(prefix)
        if kind is None or kind not in self.kinds:
            raise InvalidQuery("filter", query, f"{self.entity} have no {prefix!r}", hint=f"known: {self._known()}")
        if kind is FieldKind.ATTRIBUTE:
            key = self.aliases.get(key, key)
            if key not in self.numbers and key not in self.texts:
                raise InvalidQuery(
                    "filter", query, f"{self.entity} have no attribute {key!r}", hint=f"known: {self._known()}"
                )
        elif kind is FieldKind.DATASET and key not in _DATASET_KEYS:
            raise InvalidQuery("filter", query, f"datasets have no {key!r}", hint=f"known: {', '.join(_DATASET_KEYS)}")
        return Field(kind, key)

    def loosely(self, target: Field) -> Field:
        """A field whose key was written plainly: `metrics.loss.min` may ask for the history of `loss`."""
        key, _, name = target.key.rpartition(".")
        if target.kind is not FieldKind.METRIC or not self.histories or not key or name not in set(Aggregate):
            return target
        return Field(FieldKind.METRIC, key, Aggregate(name), loose=True)

    def is_number(self, target: Field) -> bool:
        """Whether the field is compared with numbers; otherwise with texts."""
        return target.kind is FieldKind.METRIC or (target.kind is FieldKind.ATTRIBUTE and target.key in self.numbers)

    def is_mark(self, target: Field) -> bool:
        """Whether the field is a tag that only some entities are marked with."""
        return target.kind is FieldKind.TAG and target.key in self.marks

    def knows_prefix(self, name: str) -> bool:
        """Whether `name.` can begin a field."""
        return name in PREFIXES or name in self.own_prefixes

    def _known(self) -> str:
        others = [f"{kind}.KEY" for kind in FieldKind if kind in self.kinds and kind is not FieldKind.ATTRIBUTE]
        return ", ".join([*sorted(self.numbers | self.texts), *others])


RUNS = Schema(
    entity="runs",
    numbers=frozenset({"start_time", "end_time"}),
    texts=frozenset({"run_id", "run_name", "status", "user_id", "artifact_uri"}),
    kinds=frozenset(FieldKind),
    default_order=(("start_time", False), ("run_id", True)),
    aliases={
        "run name": "run_name",
        "Run name": "run_name",
        "Run Name": "run_name",
        "created": "start_time",
        "Created": "start_time",
        "id": "run_id",
    },
    own_prefixes=frozenset({"run"}),
    histories=True,
)

EXPERIMENTS = Schema(
    entity="experiments",
    numbers=frozenset({"creation_time", "last_update_time"}),
    texts=frozenset({"name", "experiment_id"}),
    kinds=frozenset({FieldKind.ATTRIBUTE, FieldKind.TAG}),
    default_order=(("creation_time", False), ("experiment_id", False)),
)

REGISTERED_MODELS = Schema(
    entity="registered models",
    numbers=frozenset({"creation_timestamp", "last_updated_timestamp"}),
    texts=frozenset({"name", "description"}),
    kinds=frozenset({FieldKind.ATTRIBUTE, FieldKind.TAG}),
    default_order=(("name", True),),
    aliases={"timestamp": "last_updated_timestamp"},
    marks=_REGISTRY_MARKS,
)

MODEL_VERSIONS = Schema(
    entity="model versions",
    numbers=frozenset({"version", "creation_timestamp", "last_updated_timestamp"}),
    texts=frozenset({"name", "run_id", "source", "model_id", "current_stage", "status", "description", "user_id"}),
    kinds=frozenset({FieldKind.ATTRIBUTE, FieldKind.TAG}),
    default_order=(("last_updated_timestamp", False), ("name", True), ("version", False)),
    aliases={"version_number": "version", "source_path": "source", "stage": "current_stage"},
    marks=_REGISTRY_MARKS,
)

LOGGED_MODELS = Schema(
    entity="logged models",
    numbers=frozenset({"creation_timestamp", "last_updated_timestamp"}),
    texts=frozenset(
        {"model_id", "experiment_id", "name", "model_type", "status", "source_run_id", "artifact_location"}
    ),
    kinds=frozenset({FieldKind.ATTRIBUTE, FieldKind.METRIC, FieldKind.PARAM, FieldKind.TAG}),
    default_order=(("creation_timestamp", False), ("model_id", False)),
    aliases={
        "creation_time": "creation_timestamp",
        "creation_timestamp_ms": "creation_timestamp",
        "last_updated_timestamp_ms": "last_updated_timestamp",
        "artifact_uri": "artifact_location",
    },
)
