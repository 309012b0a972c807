"""Selection: which parts of each run a search brings back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from windlass.entities import Run, RunData, RunInputs, RunOutputs
from windlass.errors import InvalidQuery
from windlass.search.schema import PREFIXES
from windlass.search.syntax import FieldKind

MAX_NAMES = 10_000
ALL = "*"
_ATTRIBUTES, _INPUTS, _OUTPUTS = "attributes", "inputs", "outputs"
_KINDS = (FieldKind.METRIC, FieldKind.PARAM, FieldKind.TAG)
_KNOWN = "metrics.KEY, params.KEY, tags.KEY, attributes, inputs and outputs; * as KEY means all"

V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The keys of wanted metrics, params and tags, and whether inputs and outputs are wanted; attributes always are."""

    metrics: frozenset[str] | None = frozenset()
    params: frozenset[str] | None = frozenset()
    tags: frozenset[str] | None = frozenset()
    inputs: bool = False
    outputs: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names that are read as this selection."""
        kinds = {FieldKind.METRIC: self.metrics, FieldKind.PARAM: self.params, FieldKind.TAG: self.tags}
        found = [_ATTRIBUTES]
        for kind, keys in kinds.items():
            found += [f"{kind}.{key}" for key in ([ALL] if keys is None else sorted(keys))]
        return (*found, *([_INPUTS] if self.inputs else ()), *([_OUTPUTS] if self.outputs else ()))

    def apply(self, run: Run) -> Run:
        """The run with nothing but what is selected."""
        data = RunData(
            tuple(one for one in run.data.latest_metrics if self.metrics is None or one.key in self.metrics),
            _some(run.data.params, self.params),
            _some(run.data.tags, self.tags),
        )
        inputs = run.inputs if self.inputs else RunInputs()
        return replace(run, data=data, inputs=inputs, outputs=run.outputs if self.outputs else RunOutputs())


def parse_select(names: Iterable[str]) -> Selection:
    """Read names such as `metrics.loss`, `params.*` and `inputs`; a key is everything behind the first dot."""
    keys: dict[FieldKind, set[str]] = {kind: set() for kind in _KINDS}
    plain: set[str] = set()
    given = tuple(names)
    if len(given) > MAX_NAMES:
        raise InvalidQuery("select", f"{len(given)} names", "are too many", limit=MAX_NAMES)
    for name in given:
        prefix, dot, key = str(name).partition(".")
        if not dot and prefix in {_ATTRIBUTES, _INPUTS, _OUTPUTS}:
            plain.add(prefix)
        elif (kind := PREFIXES.get(prefix)) in keys and key:
            keys[kind].add(_unquoted(key))
        elif prefix != _ATTRIBUTES or not key:
            raise InvalidQuery("select", name, "is not known", hint=f"known: {_KNOWN}")
    metrics, params, tags = (None if ALL in found else frozenset(found) for found in keys.values())
    return Selection(metrics=metrics, params=params, tags=tags, inputs=_INPUTS in plain, outputs=_OUTPUTS in plain)


def _unquoted(key: str) -> str:
    quoted = len(key) > 2 and key[0] == key[-1] and key[0] in '`"'  # noqa: PLR2004  two quotes and a key
    return key[1:-1] if quoted else key


def _some(values: Mapping[str, V], keys: frozenset[str] | None) -> Mapping[str, V]:
    return values if keys is None else {key: value for key, value in values.items() if key in keys}
