"""Functions that scripts for MLflow call and that this release does not have yet: they say so."""

from __future__ import annotations

from typing import Any, NoReturn

from windlass.errors import Unsupported


def evaluate(*_args: Any, **_options: Any) -> NoReturn:
    """Evaluating models is not in this release."""
    _not_yet("evaluate", "compute the metrics yourself and log them with log_metrics()")


def autolog(*_args: Any, **_options: Any) -> NoReturn:
    """Automatic logging for all frameworks at once is not in this release."""
    _not_yet("autolog", "log with log_params(), log_metrics() and the flavors' log_model()")


def _not_yet(name: str, instead: str) -> NoReturn:
    raise Unsupported(f"windlass.{name} is not in this release", hint=instead)
