"""Comparing: everything that the source has, read again from both sides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from windlass.entities import Experiment, LoggedModel, ModelVersion, Record, RegisteredModel, Run
from windlass.services.importing import experiments, logged_models, records, registry, runs
from windlass.services.importing.forms import (
    Form,
    experiment_form,
    logged_model_form,
    model_form,
    point_form,
    run_form,
    version_form,
)
from windlass.services.importing.sides import Side
from windlass.services.importing.tally import Moved, Tally, canonical

T = TypeVar("T")
_NAMED = 10
_Pair = tuple[str, str, str | None]
"""How a thing is called, and its canonical form on both sides; None where the target lacks it."""


@dataclass(slots=True)
class Compared:
    """What the source has of one kind, what the target has of that, and the first of those that differ."""

    source: Tally = field(default_factory=Tally)
    target: Tally = field(default_factory=Tally)
    different: list[str] = field(default_factory=list)

    @property
    def alike(self) -> bool:
        """Whether the target has all of it, and all of it is equal."""
        return (self.source.count, self.source.total) == (self.target.count, self.target.total)

    def add(self, pairs: Iterable[_Pair]) -> None:
        """Take in some things of both sides."""
        for name, ours, theirs in pairs:
            self.source.add(ours)
            if theirs is not None:
                self.target.add(theirs)
            if ours != theirs:
                self.note(name)

    def note(self, name: str) -> None:
        """Remember what differs, if there is not enough of it already."""
        if len(self.different) < _NAMED:
            self.different.append(name)


class Comparison:
    """Both sides, compared kind by kind; `kinds` is the result."""

    def __init__(self, source: Side, target: Side) -> None:
        self._source, self._target = source, target
        self.kinds: dict[Moved, Compared] = {kind: Compared() for kind in Moved}

    @property
    def alike(self) -> bool:
        """Whether all that was moved is equal on both sides."""
        return all(one.alike for one in self.kinds.values())

    def experiments(self, page: Sequence[Experiment]) -> None:
        """Compare some experiments."""
        found = {one.experiment_id: experiments.find_experiment(self._target, one.experiment_id) for one in page}
        self.kinds[Moved.EXPERIMENTS].add(_pairs(page, found, experiment_form, "experiment_id"))

    def logged_models(self, page: Sequence[LoggedModel]) -> None:
        """Compare some logged models."""
        found = logged_models.twins(page, self._target)
        self.kinds[Moved.LOGGED_MODELS].add(_pairs(page, found, logged_model_form, "model_id"))

    def runs(self, page: Sequence[Run]) -> None:
        """Compare some runs, with all their points."""
        found = runs.twins(page, self._target)
        self.kinds[Moved.RUNS].add(_pairs(page, found, run_form, "run_id"))
        with ThreadPoolExecutor(2) as pool:
            ours = pool.submit(_points, self._source, page)
            theirs = pool.submit(_points, self._target, list(found.values()))
        points = self.kinds[Moved.POINTS]
        for run in page:
            one, other = (side.result().get(run.info.run_id, Tally()) for side in (ours, theirs))
            points.source.include(one)
            points.target.include(other)
            if one != other:
                points.note(f"those of run {run.info.run_id}")

    def model(self, model: RegisteredModel) -> None:
        """Compare a registered model and its versions."""
        found = {model.name: registry.find_model(self._target, model.name)}
        self.kinds[Moved.MODELS].add(_pairs([model], found, model_form, "name"))
        versions = self.kinds[Moved.VERSIONS]
        there: dict[int, ModelVersion | None] = {
            one.version: one for page in self._target.versions(model.name) for one in page
        }
        for page in self._source.versions(model.name):
            versions.add(_pairs(page, there, version_form, "version", of=f"{model.name} "))
            for one in page:
                there.pop(one.version, None)
        for left in there.values():
            versions.target.add(canonical(left and version_form(left)))
            versions.note(f"{model.name} {left and left.version}")

    def collection(self, name: str) -> None:
        """Compare a collection of records."""
        for page in self._source.collection(name):
            self.kinds[Moved.RECORDS].add(self._record_pairs(page))

    def _record_pairs(self, page: Sequence[Record]) -> Iterator[_Pair]:
        for one in page:
            other = records.twin(one, self._target)
            text = None if other is None else canonical([other.collection, other.key, other.value])
            yield f"{one.key} in {one.collection}", canonical([one.collection, one.key, one.value]), text


def _pairs(
    ours: Iterable[T], theirs: Mapping[Any, T | None], form: Callable[[T], Form], name: str, *, of: str = ""
) -> Iterator[_Pair]:
    """Things of the source with those of the target, which are found by `name`, a field of their form.

    `of` stands before that where it does not say enough.
    """
    for one in ours:
        mine = form(one)
        called = mine[name]
        other = theirs.get(called)
        yield f"{of}{called}", canonical(mine), None if other is None else canonical(form(other))


def _points(side: Side, runs: Sequence[Run]) -> dict[str, Tally]:
    """All points of the metrics of runs, by run."""
    tallies: dict[str, Tally] = {}
    for page in side.points(runs):
        for run_id, point in page:
            tallies.setdefault(run_id, Tally()).add(canonical([run_id, *point_form(point)]))
    return tallies
