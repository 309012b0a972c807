"""Windlass carries a machine-learning model from the first experiment to production.

Every public name is resolved when it is first used, so importing this package loads nothing heavy.
"""

from __future__ import annotations

import importlib
from typing import Any

from windlass.public import LAZY, install_finder

__version__ = "0.1.0"
__all__ = [*LAZY, "__version__"]  # noqa: PLE0604  the table of names is the list of names

install_finder()


def __getattr__(name: str) -> Any:
    if name in LAZY:
        value = getattr(importlib.import_module(LAZY[name]), name)
    elif name.startswith("_"):
        raise AttributeError(f"module 'windlass' has no attribute {name!r}")
    else:
        try:
            value = importlib.import_module(f"windlass.{name}")
        except ModuleNotFoundError as error:
            if error.name != f"windlass.{name}":
                raise
            raise AttributeError(f"module 'windlass' has no attribute {name!r}") from None
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
