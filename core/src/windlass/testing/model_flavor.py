"""ModelFlavorSuite: the definition of a model flavor, as tests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from windlass.interfaces import ModelFlavor

PYTHON_FUNCTION = "python_function"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlavorCase:
    """A flavor, a model that it handles, an input, and the model's own predictions for it.

    `options` are handed to `save`. `predictions` have a `tolist` or are plain values.
    """

    flavor: ModelFlavor
    model: Any
    sample: Any
    predictions: Any
    options: Mapping[str, Any] = field(default_factory=dict)


class ModelFlavorSuite:
    """Subclass it, name the subclass `Test…` and override the fixture `case`."""

    @pytest.fixture
    def case(self) -> FlavorCase:
        """The flavor with a model."""
        raise NotImplementedError

    @pytest.fixture
    def saved(self, case: FlavorCase, tmp_path: Path) -> tuple[Path, Mapping[str, Mapping[str, Any]]]:
        """The directory of the saved model, and its entries of the MLmodel file."""
        return tmp_path, case.flavor.save(case.model, tmp_path, case.options)

    def test_the_flavor_has_a_name(self, case: FlavorCase) -> None:
        assert case.flavor.name
        assert case.flavor.name.isidentifier()

    def test_it_handles_its_model(self, case: FlavorCase) -> None:
        assert case.flavor.handles(case.model) is True

    @pytest.mark.parametrize(
        "stranger", [object(), None, "text", 1, [], {}, ModelFlavor], ids=lambda one: type(one).__name__
    )
    def test_it_handles_no_other_object(self, case: FlavorCase, stranger: object) -> None:
        assert case.flavor.handles(stranger) is False

    def test_saving_writes_files_into_the_directory(self, saved: tuple[Path, Mapping[str, Mapping[str, Any]]]) -> None:
        directory, _ = saved
        assert any(path.is_file() for path in directory.rglob("*"))

    def test_the_entries_are_plain_values(self, saved: tuple[Path, Mapping[str, Mapping[str, Any]]]) -> None:
        _, entries = saved
        plain = {name: dict(entry) for name, entry in entries.items()}
        assert json.loads(json.dumps(plain)) == plain

    def test_the_python_function_names_its_loader(
        self, case: FlavorCase, saved: tuple[Path, Mapping[str, Mapping[str, Any]]]
    ) -> None:
        _, entries = saved
        assert PYTHON_FUNCTION in entries
        assert entries[PYTHON_FUNCTION]["loader_module"]
        assert case.flavor.name in entries or len(entries) == 1

    def test_paths_in_the_entries_are_relative(self, saved: tuple[Path, Mapping[str, Mapping[str, Any]]]) -> None:
        directory, entries = saved
        assert str(directory) not in json.dumps({name: dict(entry) for name, entry in entries.items()})

    def test_a_loaded_model_predicts_the_same(
        self, case: FlavorCase, saved: tuple[Path, Mapping[str, Mapping[str, Any]]]
    ) -> None:
        directory, entries = saved
        function = case.flavor.load_python_function(directory, _merged(case, entries))
        assert _plain(function.predict(case.sample)) == _plain(case.predictions)

    def test_parameters_may_be_given(
        self, case: FlavorCase, saved: tuple[Path, Mapping[str, Mapping[str, Any]]]
    ) -> None:
        directory, entries = saved
        function = case.flavor.load_python_function(directory, _merged(case, entries))
        assert _plain(function.predict(case.sample, None)) == _plain(case.predictions)

    def test_the_native_model_comes_back_as_its_own_kind(
        self, case: FlavorCase, saved: tuple[Path, Mapping[str, Mapping[str, Any]]]
    ) -> None:
        directory, entries = saved
        loaded = case.flavor.load(directory, _merged(case, entries))
        assert case.flavor.handles(loaded) is case.flavor.handles(case.model)
        assert type(loaded).__name__ == type(case.model).__name__

    def test_a_model_survives_moving_its_directory(
        self, case: FlavorCase, saved: tuple[Path, Mapping[str, Mapping[str, Any]]], tmp_path_factory: Any
    ) -> None:
        directory, entries = saved
        moved = Path(tmp_path_factory.mktemp("moved")) / "model"
        directory.rename(moved)
        function = case.flavor.load_python_function(moved, _merged(case, entries))
        assert _plain(function.predict(case.sample)) == _plain(case.predictions)

    def test_requirements_are_pinned(self, case: FlavorCase) -> None:
        requirements = case.flavor.requirements()
        assert requirements
        for requirement in requirements:
            assert "==" in requirement or " @ " in requirement, f"{requirement} is not pinned"


def _merged(case: FlavorCase, entries: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The flavor's entry as loading sees it: its own values, and those of the python function behind them."""
    return {**entries[PYTHON_FUNCTION], **entries.get(case.flavor.name, {})}


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else value
