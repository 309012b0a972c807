"""How models of one framework are saved and loaded."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol


class PythonFunction(Protocol):
    """A loaded model, whatever its framework."""

    def predict(self, data: Any, params: Mapping[str, Any] | None = None) -> Any:
        """Predictions for a table or tensor of inputs."""
        ...


class ModelFlavor(ABC):
    """How models of one framework are saved and loaded.

    The module that holds the class is also the public `windlass.<name>`, with the functions that users call
    (`log_model`, `save_model`, `load_model`).
    """

    name: str

    @abstractmethod
    def handles(self, model: object) -> bool:
        """Whether this flavor saves such an object; must not import the framework to say no."""

    @abstractmethod
    def save(self, model: Any, directory: Path, options: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
        """Write the model's files and return its entries of the MLmodel file's `flavors`, by flavor name."""

    @abstractmethod
    def load(self, directory: Path, entry: Mapping[str, Any]) -> Any:
        """The model in its framework's own form."""

    @abstractmethod
    def load_python_function(self, directory: Path, entry: Mapping[str, Any]) -> PythonFunction:
        """The model as a python function."""

    @abstractmethod
    def requirements(self) -> list[str]:
        """The packages a saved model needs, pinned as pip reads them."""
