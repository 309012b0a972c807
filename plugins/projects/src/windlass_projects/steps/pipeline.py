"""Pipeline: the steps of an entry point in their order, with every mistake in them found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from windlass.errors import InvalidValue
from windlass_projects.data_files import is_below
from windlass_projects.declaration import Declaration
from windlass_projects.entry_point import EntryPoint, Parameter
from windlass_projects.reference import RESULTS, fill, names_in, result_name, step_named
from windlass_projects.step import Step

_SOME_RESULT = {"run_id": "0" * 32, "artifact_uri": "file:///artifacts"}


@dataclass(frozen=True, slots=True)
class Pipeline:
    """An entry point with steps, and the declaration that it is from."""

    declared: Declaration
    whole: EntryPoint

    @classmethod
    def of(cls, declared: Declaration, whole: EntryPoint) -> Pipeline:
        """The pipeline; InvalidValue for cycles, unknown names and what would never be there when it is read."""
        pipeline = cls(declared, whole)
        pipeline._check_needs()
        for step in whole.steps.values():
            pipeline._check_references(step)
        pipeline._check_files()
        return pipeline

    def sorter(self) -> TopologicalSorter[str]:
        """The order of the steps."""
        return TopologicalSorter({name: step.needs for name, step in self.whole.steps.items()})

    def entry_point(self, step: Step) -> EntryPoint:
        """What a step runs. A command may name the step's own parameters and those of the whole."""
        if step.entry_point is not None:
            found = self.declared.entry_point(step.entry_point)
            if found.steps:
                raise InvalidValue(f"step {step.name}", step.entry_point, "has steps itself, which do not nest")
            return found
        command = str(step.command)
        named = set(names_in(command, f"command of step {step.name}")) - step.parameters.keys()
        taken = {name: Parameter(name, one.type) for name, one in self.whole.parameters.items() if name in named}
        own = {name: Parameter(name) for name in step.parameters}
        return EntryPoint(step.name, command, (), {**taken, **own}, open=False)

    def values(self, step: Step, entry: EntryPoint, *, known: Mapping[str, str]) -> dict[str, str]:
        """The values of a step's parameters; `known` are those of the whole and the results of the steps before."""
        where = f"step {step.name}: parameter"
        given = {name: fill(text, known, where=f"{where} {name}") for name, text in step.parameters.items()}
        if step.command is not None:
            given |= {name: known[name] for name in entry.parameters if name not in given}
        return entry.values(given)

    def some_results(self) -> dict[str, str]:
        """Results of all steps as they might be, to try values with before anything has run."""
        return {result_name(step, one): _SOME_RESULT[one] for step in self.whole.steps for one in RESULTS}

    def needed_by(self, name: str) -> set[str]:
        """The steps that must have run before a step, directly or not."""
        needs = self.whole.steps[name].needs
        return set(needs).union(*(self.needed_by(one) for one in needs))

    def _check_needs(self) -> None:
        steps = self.whole.steps
        for step in steps.values():
            if unknown := ", ".join(sorted(set(step.needs) - steps.keys())):
                raise InvalidValue(f"step {step.name}: needs", unknown, "is no step", limit=", ".join(steps))
        try:
            self.sorter().prepare()
        except CycleError as error:
            cycle = " → ".join(reversed(error.args[1]))
            raise InvalidValue("needs", cycle, "is a cycle, in which no step can be the first") from None

    def _check_references(self, step: Step) -> None:
        for text in (*step.parameters.values(), *step.inputs):
            where = f"step {step.name}"
            for name in names_in(text, where):
                if (other := step_named(name)) is None or other not in self.whole.steps:
                    fill(f"{{{name}}}", dict.fromkeys(self.whole.parameters, "") | self.some_results(), where=where)
                    continue
                if other not in step.needs:
                    hint = f"add {other} to its needs"
                    raise InvalidValue(where, f"{{{name}}}", "is of a step that it does not need", hint=hint)
                fill(f"{{{name}}}", self.some_results(), where=where)

    def _check_files(self) -> None:
        writers: dict[str, str] = {}
        for step, path in self._outputs():
            if path in writers:
                raise InvalidValue(f"step {step}: outputs", path, f"is an output of {writers[path]}, too")
            writers[path] = step
        for reader in self.whole.steps.values():
            for path in reader.inputs:
                writer = next((by for out, by in writers.items() if is_below(path, out)), reader.name)
                if writer != reader.name and writer not in self.needed_by(reader.name):
                    hint = f"add {writer} to its needs"
                    raise InvalidValue(f"step {reader.name}: inputs", path, f"is an output of {writer}", hint=hint)

    def _outputs(self) -> Iterator[tuple[str, str]]:
        return ((name, path) for name, step in self.whole.steps.items() for path in step.outputs)
