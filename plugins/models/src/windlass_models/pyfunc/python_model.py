"""PythonModel: what a user subclasses to make a model out of any code.

This module is pickled by value into the models that derive from it, so that they load where Windlass is not installed:
it imports the standard library alone.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any


class PythonModelContext:
    """What a model finds when it is loaded: the local paths of its artifacts by name, and its configuration."""

    def __init__(self, artifacts: Mapping[str, str], model_config: Mapping[str, Any] | None = None) -> None:
        self.artifacts = dict(artifacts)
        self.model_config = dict(model_config or {})


class TypeHints:
    """What the annotations of `predict` say; nothing, as inputs are held to the signature instead."""

    input: Any = None
    output: Any = None


class PythonModel(ABC):
    """A model made of any code: `predict` answers, `load_context` prepares what that needs."""

    # MLflow's own loader looks here before it calls `predict`.
    predict_type_hints = TypeHints()

    def load_context(self, context: PythonModelContext) -> None:  # noqa: B027  most models have nothing to prepare
        """Prepare the model when it is loaded, for example read its artifacts."""

    @abstractmethod
    def predict(self, context: PythonModelContext, model_input: Any, params: dict[str, Any] | None = None) -> Any:
        """The answer to an input; `context` and `params` may be left out of the signature."""


class FunctionModel(PythonModel):
    """A plain function as a model."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def predict(self, context: PythonModelContext, model_input: Any, params: dict[str, Any] | None = None) -> Any:
        """What the function says about the input; it gets `params` if it has an argument of this name."""
        del context
        code = getattr(self.function, "__code__", None)
        if code is not None and "params" in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]:
            return self.function(model_input, params=params)
        return self.function(model_input)
