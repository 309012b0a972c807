"""Calling the code of users: PythonModels, and the functions of their own loaders."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from windlass_models.pyfunc.python_model import PythonModelContext


class PythonModelFunction:
    """A PythonModel with its context, as a python function."""

    def __init__(self, python_model: Any, context: PythonModelContext) -> None:
        self.python_model = python_model
        self.context = context
        names = _positional(python_model.predict)
        self._wants_context = names[:1] == ["context"] or len([name for name in names if name != "params"]) > 1
        self._wants_params = takes_params(python_model.predict)

    def predict(self, data: Any, params: Mapping[str, Any] | None = None) -> Any:
        """What the model answers, called with the arguments that its `predict` has."""
        arguments = (self.context, data) if self._wants_context else (data,)
        if self._wants_params:
            return self.python_model.predict(*arguments, params=None if params is None else dict(params))
        return self.python_model.predict(*arguments)


class LoadedFunction:
    """What a model's own loader has returned, as a python function."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self._wants_params = takes_params(model.predict)

    def predict(self, data: Any, params: Mapping[str, Any] | None = None) -> Any:
        """What the model answers."""
        return self.model.predict(data, params=params) if self._wants_params else self.model.predict(data)


def takes_params(function: Any) -> bool:
    """Whether a function has an argument `params`, or takes any."""
    try:
        arguments = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return False
    return any(one.name == "params" or one.kind is one.VAR_KEYWORD for one in arguments)


def _positional(function: Any) -> list[str]:
    arguments = inspect.signature(function).parameters.values()
    return [one.name for one in arguments if one.kind in {one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD}]
